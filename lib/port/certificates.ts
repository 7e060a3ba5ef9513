/**
 * Private keys of certificates (ECDSA on P-256, which Node, OpenSSL and Java's TLS all speak), each in one file with its certificate: so they
 * can be replaced together, by one that is whole. They are made where they lie, and never leave.
 */
export interface CertificateKeys {
  /**
   * Make a pair, have its public half (SubjectPublicKeyInfo in DER) certified as PEM, and replace the file by private key and certificates,
   * for its owner only. `sign` signs by the new key, for those that certify themselves. Throws Failure `output` where it cannot be written.
   */
  certify(path: string, certificateOf: (publicKey: Buffer, sign: (bytes: Buffer) => Buffer) => string): void
  /**
   * The file's certificates in PEM, without its key; undefined where there is no file. Throws Failure `config` where others may read it, or the
   * key is not that of the first certificate.
   */
  certificates(path: string): string | undefined
  /** ECDSA with SHA-256 over the bytes, in DER, by the key in the file. Throws Failure `config` where there is none, or others may read it. */
  sign(path: string, bytes: Buffer): Buffer
}
