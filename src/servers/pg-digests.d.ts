/** The digests that `pg` is made of (postgres-client.ts); its types do not know them. */
declare module 'pg/lib/crypto/utils.js' {
  const digests: object;
  export default digests;
}
