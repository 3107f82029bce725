import { posix } from 'node:path';

import type { LinkedEntry, PrimaryFiles, UnreadableEntry } from '../facts/primary-files.ts';
import type { FileStatus, Host } from '../hosts/host.ts';
import { isLeftOut, isRelationFile } from '../postgres/base-backup-files.ts';
import { hasAccessList } from './access-list.ts';
import { accountOf } from './server-account.ts';
import { modeText } from '../postgres/file-mode.ts';

const entryLimit = 20_000;
const timeLimitMs = 1_500;
const atOnce = 64;

/** A data directory's owner, where this user may go through it as that owner would. */
async function ownerOfWalked(host: Host, root: string): Promise<Pick<FileStatus, 'uid' | 'gid'> | undefined> {
  const status = await host.status(root, { followLinks: true });
  if (!status.ok || !(await host.list(root, { limit: 1 })).ok) return undefined;
  return host.account.uid === 0 || host.account.uid === status.value.uid ? status.value : undefined;
}

/** Whether {@link walked} goes through that directory. */
export const isWalked = async (host: Host, root: string): Promise<boolean> =>
  (await ownerOfWalked(host, root)) !== undefined;

/** What a base backup will read of a data directory on this machine; undefined: this user may not list it. */
export const walked = async (host: Host, root: string): Promise<PrimaryFiles | undefined> => new Walk(host, root).all();

/** A program runs for each. */
const mostAsked = 20;

/** Once through the data directory, as far as number and time allow, and through the tablespaces that it links to. */
class Walk {
  readonly #host: Host;
  readonly #root: string;
  readonly #until = performance.now() + timeLimitMs;
  readonly #unreadable: UnreadableEntry[] = [];
  readonly #links: LinkedEntry[] = [];
  readonly #names: string[] = [];
  #owner = { uid: -1, groups: [] as readonly number[] };
  #examined = 0;
  #complete = true;

  constructor(host: Host, root: string) {
    this.#host = host;
    this.#root = root;
  }

  async all(): Promise<PrimaryFiles | undefined> {
    const owner = await ownerOfWalked(this.#host, this.#root);
    if (owner === undefined) return undefined;
    const { uid, gid } = owner;
    const account = await accountOf(this.#host, uid, gid);
    this.#owner = { uid, groups: [account.gid, ...account.groups] };
    const queue = [''];
    for (let directory = queue.shift(); directory !== undefined; directory = queue.shift())
      queue.push(...(await this.#directory(directory)));
    return {
      dataDirectory: this.#root,
      serverUser: account.name,
      examined: this.#examined,
      complete: this.#complete,
      unreadable: this.#unreadable,
      links: this.#links,
      names: this.#names,
    };
  }

  /** Gives the directories in it. */
  async #directory(directory: string): Promise<readonly string[]> {
    const left = entryLimit - this.#examined;
    if (left <= 0 || performance.now() > this.#until) {
      this.#complete = false;
      return [];
    }
    const listing = await this.#host.list(posix.join(this.#root, directory), { limit: left });
    if (!listing.ok) return [];
    if (listing.value.truncated) this.#complete = false;
    this.#examined += listing.value.entries.length;
    const paths = listing.value.entries
      .map(({ name }) => posix.join(directory, name))
      .filter((path) => !isLeftOut(path));
    const below: string[] = [];
    for (let at = 0; at < paths.length; at += atOnce) {
      const looked = await Promise.all(paths.slice(at, at + atOnce).map(async (path) => this.#entry(path)));
      below.push(...looked.filter((path) => path !== undefined));
    }
    return below;
  }

  /** Gives its path where it is a directory that a base backup goes into. */
  async #entry(path: string): Promise<string | undefined> {
    const whole = posix.join(this.#root, path);
    const status = await this.#host.status(whole);
    // it is gone since it was listed
    if (!status.ok) return undefined;
    const { kind } = status.value;
    if (kind === 'link') return this.#link(path);
    if (kind !== 'file' && kind !== 'directory') return undefined;
    if (kind === 'directory' || !isRelationFile(posix.basename(path))) this.#names.push(path);
    if (await this.#opens(whole, status.value)) return kind === 'directory' ? path : undefined;
    const owner = await this.#host.userName(status.value.uid);
    this.#unreadable.push({
      path,
      kind,
      owner: owner.ok ? owner.value : String(status.value.uid),
      because: `mode ${modeText(status.value.mode)}, owner ${owner.ok ? owner.value : status.value.uid}`,
    });
    return undefined;
  }

  /** A tablespace and pg_wal may be links: their contents are read, or left out. */
  async #link(path: string): Promise<string | undefined> {
    if (/^pg_tblspc\/\d+$/u.test(path)) return path;
    const leadsTo = await this.#host.readLink(posix.join(this.#root, path));
    if (path !== 'pg_wal') this.#links.push({ path, leadsTo: leadsTo.ok ? leadsTo.value : '' });
    return undefined;
  }

  async #opens(whole: string, { kind, mode, uid, gid }: FileStatus): Promise<boolean> {
    const wanted = kind === 'directory' ? 5 : 4;
    const own = this.#host.account.uid;
    // of an owner who is not root nothing but its bits counts, whatever an access control list says (acl(5))
    if (own === this.#owner.uid && (own !== uid || own === 0)) {
      const [read, enter] = await Promise.all([
        this.#host.may(whole, 'read'),
        kind === 'directory' ? this.#host.may(whole, 'execute') : undefined,
      ]);
      return !(read.ok && !read.value) && !(enter?.ok === true && !enter.value);
    }
    const shift = uid === this.#owner.uid ? 6 : this.#owner.groups.includes(gid) ? 3 : 0;
    if (((mode >> shift) & wanted) === wanted) return true;
    return uid !== this.#owner.uid && this.#unreadable.length < mostAsked && hasAccessList(this.#host, whole);
  }
}
