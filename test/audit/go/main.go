// Checks logs with Go's own packages for such logs (golang.org/x/mod/sumdb/tlog and note, the ones that check Go's modules), which
// share nothing with Vanta's code: the signatures of checkpoints, the tiles, inclusion proofs, consistency proofs, entry bundles.
// Standard input is a list of cases in JSON; what does not hold is said, and the status is 1.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type logCase struct {
	Folder    string   // a published log
	Lines     string   // the file with its records
	Vkey      string   // of the log
	Witnesses []string // vkeys that must have cosigned
	Proofs    []string // .tlog-proof files
	Requests  []string // consistency proofs, as a witness gets them
	Entries   bool     // bundles must be there
	Every     int64    // prove every so manieth record from the tiles
	Broken    bool     // the check must find something
}

// cosigner checks cosignature/v1 (https://c2sp.org/tlog-cosignature), for which x/mod has no type of its own.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))), msg...)
	return ed25519.Verify(c.key, signed, sig[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("not a vkey: %s", vkey)
	}
	material, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(material) != 33 || material[0] != 4 {
		return nil, fmt.Errorf("not the vkey of a witness: %s", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		return nil, fmt.Errorf("key hash %s is not that of the key", parts[1])
	}
	return cosigner{parts[0], binary.BigEndian.Uint32(sum[:4]), material[1:]}, nil
}

// open checks that a checkpoint is signed by the log and by all the witnesses asked for.
func open(text []byte, c logCase, cosigned bool) (tlog.Tree, error) {
	logKey, err := note.NewVerifier(c.Vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	verifiers := []note.Verifier{logKey}
	for _, vkey := range c.Witnesses {
		witness, err := newCosigner(vkey)
		if err != nil {
			return tlog.Tree{}, err
		}
		verifiers = append(verifiers, witness)
	}
	n, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if cosigned && len(n.Sigs) != len(verifiers) {
		return tlog.Tree{}, fmt.Errorf("%d of %d signatures", len(n.Sigs), len(verifiers))
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != logKey.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", logKey.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

type folderTiles struct{ folder string }

func (folderTiles) Height() int                          { return 8 }
func (folderTiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folderTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// Go's path names the height too, https://c2sp.org/tlog-tiles fixes it at 8.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.folder, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func check(c logCase) error {
	text, err := os.ReadFile(filepath.Join(c.Folder, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := open(text, c, true)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	content, err := os.ReadFile(c.Lines)
	if err != nil {
		return err
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	if int64(len(lines)) < tree.N {
		return fmt.Errorf("%d lines, the checkpoint says %d", len(lines), tree.N)
	}
	hashes := tlog.TileHashReader(tree, folderTiles{c.Folder})
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil || root != tree.Hash {
		return fmt.Errorf("tiles: %v %w", root, err)
	}
	record := func(index int64) tlog.Hash { return tlog.RecordHash(bytes.TrimSuffix(lines[index], []byte("\n"))) }
	for index := int64(0); index < tree.N; index += c.Every {
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err == nil {
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, record(index))
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", index, err)
		}
	}
	for _, path := range c.Proofs {
		if err := checkProof(path, c, record); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for _, path := range c.Requests {
		if err := checkRequest(path, c, hashes); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if c.Entries {
		return checkEntries(c.Folder, tree.N, record)
	}
	return nil
}

// proofHashes reads the lines up to the empty one, and gives what follows it.
func proofHashes(text string) (head []string, hashes []tlog.Hash, rest string, err error) {
	top, rest, found := strings.Cut(text, "\n\n")
	if !found {
		return nil, nil, "", fmt.Errorf("no checkpoint")
	}
	for _, line := range strings.Split(top, "\n") {
		hash, err := tlog.ParseHash(line)
		if err == nil {
			hashes = append(hashes, hash)
		} else if len(hashes) > 0 {
			return nil, nil, "", err
		} else {
			head = append(head, line)
		}
	}
	return head, hashes, rest, nil
}

func checkProof(path string, c logCase, record func(int64) tlog.Hash) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, hashes, rest, err := proofHashes(string(text))
	if err != nil {
		return err
	}
	if len(head) < 2 || head[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("not a proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(head[len(head)-1], "index "), 10, 64)
	if err != nil {
		return err
	}
	tree, err := open([]byte(rest), c, false)
	if err != nil {
		return err
	}
	if extra := strings.TrimPrefix(head[1], "extra "); extra != head[1] {
		entry, err := base64.StdEncoding.DecodeString(extra)
		if err != nil || tlog.RecordHash(entry) != record(index) {
			return fmt.Errorf("the entry is not that of the log: %v", err)
		}
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, record(index))
}

func checkRequest(path string, c logCase, reader tlog.HashReader) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, hashes, rest, err := proofHashes(string(text))
	if err != nil {
		return err
	}
	old, err := strconv.ParseInt(strings.TrimPrefix(head[0], "old "), 10, 64)
	if err != nil {
		return err
	}
	tree, err := open([]byte(rest), c, false)
	if err != nil {
		return err
	}
	if old == 0 || old == tree.N {
		if len(hashes) > 0 {
			return fmt.Errorf("a proof where none is needed")
		}
		return nil
	}
	oldRoot, err := tlog.TreeHash(old, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, tree.N, tree.Hash, old, oldRoot)
}

func checkEntries(folder string, size int64, record func(int64) tlog.Hash) error {
	for first := int64(0); first < size; first += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: 256}
		if size-first < 256 {
			tile.W = int(size - first)
		}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			return err
		}
		for index := first; index < first+int64(tile.W); index++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return fmt.Errorf("%s is cut off", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:end]) != record(index) {
				return fmt.Errorf("%s: entry %d is not the record", path, index)
			}
			data = data[end:]
		}
		if len(data) > 0 {
			return fmt.Errorf("%s: more than %d entries", path, tile.W)
		}
	}
	return nil
}

func main() {
	var cases []logCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	failed := false
	for _, c := range cases {
		err := check(c)
		if (err != nil) != c.Broken {
			failed = true
			fmt.Printf("FAILED %s: broken %v, found %v\n", c.Folder, c.Broken, err)
		}
	}
	fmt.Printf("%d logs\n", len(cases))
	if failed {
		os.Exit(1)
	}
}
