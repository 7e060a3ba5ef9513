/** What a bundle says of itself, and the program in it that checks it on a machine without Vanta. */

/** Python 3.6 and later, with nothing but what comes with it. */
export const VERIFIER = String.raw`#!/usr/bin/env python3
"""Check this bundle: python3 verify.py [VKEY ...]

Every record in records.ndjson must be proved (RFC 6962) to stand in a log whose signed checkpoint is here, every proof must be of such a
record, every payload in raw/ must be what its name says, and a log that goes on from another of these must carry its checkpoint. The
signatures must be by the logs' keys: some of the VKEYs given, which you should have from elsewhere; without any, those in keys.txt,
which then only shows that the bundle is whole.
"""
import base64, hashlib, json, os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sha256, sha512 = (lambda b: hashlib.sha256(b).digest()), (lambda b: hashlib.sha512(b).digest())

def read(*path):
    with open(os.path.join(HERE, *path), "rb") as f:
        return f.read()

# Ed25519 (RFC 8032, section 5.1.7), on extended coordinates.
P = (1 << 255) - 19
L = (1 << 252) + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return e * f % P, g * h % P, f * g % P, e * h % P

def multiply(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p, n = add(p, p), n >> 1
    return q

def point(b):
    y = int.from_bytes(b, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - xx) % P or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

def signed(key, message, signature):
    try:
        a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    except ValueError:
        return False
    if len(signature) != 64 or s >= L:
        return False
    h = int.from_bytes(sha512(signature[:32] + key + message), "little") % L
    base = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    u, v = multiply(s, base), add(r, multiply(h, a))
    return (u[0] * v[2] - v[0] * u[2]) % P == 0 and (u[1] * v[2] - v[1] * u[2]) % P == 0

def checkpoint(note, keys):
    text, lines = note.decode().split("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    by_log, witnesses = False, []
    for line in lines.splitlines():
        _, name, encoded = line.split(" ")
        signature = base64.b64decode(encoded)
        for key_name, kind, key in keys:
            if key_name != name or sha256(name.encode() + b"\n" + bytes([kind]) + key)[:4] != signature[:4]:
                continue
            if kind == 1 and name == origin:
                by_log = by_log or signed(key, text.encode(), signature[4:])
            if kind == 4:
                time = int.from_bytes(signature[4:12], "big")
                if signed(key, ("cosignature/v1\ntime %d\n%s" % (time, text)).encode(), signature[12:]):
                    witnesses.append(name)
    if not by_log:
        sys.exit("NOT PROVED: the checkpoint is not signed by %s with a key that is known" % origin)
    return origin, int(size), base64.b64decode(root), witnesses

def included(index, size, leaf, path, root):
    """RFC 9162, section 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = sha256(b"\x01" + p + r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\x01" + r + p)
        fn, sn = fn >> 1, sn >> 1
    return index < size and sn == 0 and r == root

def main():
    keys = []
    for vkey in sys.argv[1:] or [line.split()[-1] for line in read("keys.txt").decode().splitlines() if line and line[0] != "#"]:
        name, _, encoded = vkey.split("+", 2)
        key = base64.b64decode(encoded)
        keys.append((name, key[0], key[1:]))
    logs = {}
    for name in sorted(os.listdir(os.path.join(HERE, "checkpoints"))):
        note = read("checkpoints", name)
        logs[note] = checkpoint(note, keys)
    proved, counts = set(), dict.fromkeys(logs, 0)
    for name in sorted(os.listdir(os.path.join(HERE, "proofs"))):
        head, note = read("proofs", name).split(b"\n\n", 1)
        first, extra, index, *path = head.decode().split("\n")
        entry = base64.b64decode(extra[len("extra "):])
        hashes = [base64.b64decode(p) for p in path]
        if first != "c2sp.org/tlog-proof@v1" or note not in logs:
            sys.exit("NOT PROVED: proofs/%s is under no checkpoint that is here" % name)
        origin, size, root, _ = logs[note]
        counts[note] += 1
        if not included(int(index[len("index "):]), size, sha256(b"\x00" + entry), hashes, root):
            sys.exit("NOT PROVED: proofs/%s does not lead to the checkpoint" % name)
        proved.add(entry)
    records = read("records.ndjson").split(b"\n")[:-1]
    for nth, record in enumerate(records):
        if record not in proved:
            sys.exit("NOT PROVED: line %d of records.ndjson" % (nth + 1))
    if proved != set(records):
        sys.exit("NOT PROVED: a proof is of a record that is not in records.ndjson")
    raw = sorted(os.listdir(os.path.join(HERE, "raw"))) if os.path.isdir(os.path.join(HERE, "raw")) else []
    for name in raw:
        if re.match("^[0-9a-f]{40}$", name) and sha256(read("raw", name)).hex()[:40] != name:
            sys.exit("NOT PROVED: raw/%s is not what its name says" % name)
    texts = {log[0]: note.split(b"\n\n")[0].decode() for note, log in logs.items()}
    after = []
    for record in records:
        said = json.loads(record.decode())
        before = said.get("facts", {}).get("predecessor") if said.get("kind") == "control" and said.get("type") == "genesis" else None
        if before is None or before.split("\n")[0] not in texts:
            continue
        if before.split("\n\n")[0] != texts[before.split("\n")[0]]:
            sys.exit("NOT PROVED: a log goes on from another checkpoint of %s than is here" % before.split("\n")[0])
        after.append(before.split("\n")[0])
    if len(after) != len(logs) - 1:
        sys.exit("NOT PROVED: these logs do not go on from one another")
    for note, (origin, size, _, witnesses) in logs.items():
        print("proved: %d records stand in the first %d lines of %s, signed by it" % (counts[note], size, origin))
        print("cosigned by: %s" % (", ".join(witnesses) or "no witness whose key is here"))
        if origin in after:
            print("closed with that checkpoint, from which the next of these logs goes on")
    if len(sys.argv) == 1:
        print("with the keys in this bundle only: compare keys.txt with keys that you have from elsewhere")

main()
`

export interface About {
  readonly logs: readonly { readonly origin: string; readonly size: number }[]
  /** Such as `order 3f2a... of vault core`. */
  readonly subject: string
  readonly by: string
  readonly records: number
  readonly payloads: number
  /** What the bundle should hold and does not, a line each. */
  readonly lacking: readonly string[]
}

export const readmeOf = ({ subject, by, logs, records, payloads, lacking }: About): string => `EVIDENCE: ${subject}
made by ${by} from the log ${logs.map(({ origin, size }) => `${origin}, as it stood at ${size} lines`).join(',\nand from the log ')}

TO VERIFY, on any machine, without the program that made this
  1. sha256sum -c SHA256SUMS              every file is as it was packed (shasum -a 256 -c on a Mac)
  2. python3 verify.py VKEY               every record was in the log, and the log was signed; Python 3 alone is needed
     VKEY is the public key of the log (of several logs: of each), from someone other than whoever handed you this archive. Without it the keys in
     keys.txt are taken: compare them with what you know by another way.
  Steps 1 and 2 end with status 0, and say so, or name what is wrong. Read verify.py first: it is short, and what it does is
  RFC 9162 section 2.1.3.2 (inclusion), RFC 8032 (Ed25519), https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint and
  https://c2sp.org/tlog-proof. Any other program for these formats will do in its place.
  3. The id of a record is the first 40 hex digits of SHA-256 over its canonical JSON (RFC 8785) without id, known_at, by, raw and
     what later tools noted on it; \`parents\` name the records it was made from. So a record cannot be put in another's place.

WHAT IS HERE
  report.html        for people: what was decided, when, by what, on what evidence, at what price, under which limits
  records.ndjson     ${records} records, as they stand in the log, in its order; with the settings that their makers had read
  proofs/            for each record a proof that it stands in the log
  checkpoints/       each log's size and root, signed by it, and by the witnesses that had seen it; a log that was closed is carried by the next
  keys.txt           public keys of the logs and of the witnesses
  audit.policy       whose signatures count, where the node has such a policy
  raw/               ${payloads} payloads as they were heard, by the first 40 hex digits of their SHA-256; \`raw\` of a record names one
  config/            versions of the vaults' settings with their signatures, changes of the overlay, public keys, tools with their options
  verify.py          the program of step 2
  SHA256SUMS         checksums of all of these

WHAT IT SHOWS AND WHAT NOT
  The records stood in the log, in this order, when the checkpoint was signed; with cosignatures, others have seen that checkpoint, and
  that it continued the ones before. That the log holds everything that happened is shown by the witnesses and the venue's own
  statements, not by this archive. Files in config/ are copies for reading; what counted is in records.ndjson, as \`memory\` records.
${lacking.length === 0 ? '' : `\nWHAT IS LACKING\n${lacking.map((line) => `  ${line}\n`).join('')}`}`
