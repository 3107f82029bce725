/** What a name is the name of: its token says that. */
export type NameKind = 'host' | 'role' | 'database' | 'name' | 'dir';
