/**
 * A private key of TLS that PostgreSQL refuses because others may read it: a key of root's may be readable by a group, as one
 * of the whole system has to be shared somehow (be-secure-common.c, check_ssl_key_file_permissions; fe-secure-openssl.c,
 * initialize_SSL).
 */
export const isPrivateKeyOpen = ({ mode, uid }: { readonly mode: number; readonly uid: number }): boolean =>
  (mode & (uid === 0 ? 0o037 : 0o077)) !== 0;
