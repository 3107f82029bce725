/** Why a row cannot be played by this user: what it takes root for. Undefined: it can. */
export const onlyRoot = (what: string): string | undefined =>
  process.getuid?.() === 0 ? undefined : `only root can ${what}`;
