export interface ContainerMade {
  /** Its entrypoint with the words that it is given. */
  readonly command: readonly string[];
  /** That of the image, whatever its name means by now. */
  readonly image?: string;
  /** What another one like it is made with, beside its name, volumes, environment, image and command; undefined: not all is known. */
  readonly options?: readonly string[] | undefined;
  /** `--rm`: with its end it is deleted, with the volumes that have no name. */
  readonly isTemporary?: boolean;
  /** Its main program, where that only keeps it running: `sleep`. */
  readonly idle?: string | undefined;
  /** Who its main program is started as, where that is not root. */
  readonly user: string | undefined;
  /** The service of Compose that it belongs to. */
  readonly compose: ComposeService | undefined;
  /** Where its volumes are in it; one without a name is not found again by a container that takes its place. */
  readonly volumes: readonly { readonly directory: string; readonly hasName: boolean }[];
}

/** What is written beside a container that does not run stays only where that is in one of its volumes, or mounted from its machine. */
export const isInVolume = (path: string, made: Pick<ContainerMade, 'volumes'> | undefined): boolean =>
  made?.volumes.some(({ directory }) => `${path}/`.startsWith(`${directory.replace(/\/+$/u, '')}/`)) === true;

/**
 * The entrypoint of the official image gives PGDATA mode 0700 at each start (docker-library/postgres, docker-entrypoint.sh,
 * docker_create_db_directories); a new volume has that of the image, 1777. As another user than root it may not.
 */
export const setsMode = (
  directory: string,
  { pgdata, made }: { readonly pgdata?: string | undefined; readonly made?: ContainerMade },
): boolean =>
  pgdata === directory && made?.user === undefined && made?.command[0]?.split('/').at(-1) === 'docker-entrypoint.sh';

/** As Compose's labels tell of it. */
export interface ComposeService {
  readonly service: string;
  readonly project: string;
  /** Where Compose was run; it may be on another machine. */
  readonly directory: string;
  /** Whole paths; none: they are not known. */
  readonly files: readonly string[];
  /** Version 1 is a program of its own. */
  readonly program: 'docker-compose' | 'docker compose';
}

export interface ContainerEnded {
  /** Undefined where it has been started again since. */
  readonly exitCode: number | undefined;
  readonly outOfMemory: boolean;
  /** What the engine says of a start that came to nothing, or the last line that it put out, where that is none of a server's log. */
  readonly said: string | undefined;
}

export interface OtherContainer {
  readonly name: string;
  readonly superuser: string;
  readonly binds?: readonly Bind[];
  /** PGDATA, and how it was created. */
  readonly pgdata?: string | undefined;
  readonly made?: ContainerMade;
}

/** A file or a directory of this machine that a container has, and not the one with the data. */
export interface Bind {
  readonly source: string;
  readonly destination: string;
}

export interface ContainerNetwork {
  readonly name: string;
  /** What it is called in that network, beside its own name. */
  readonly aliases: readonly string[];
  /** While it runs. */
  readonly addresses: readonly string[];
}

/** A container that has a server of PostgreSQL, or is made to have one, as its engine tells of it. */
export interface ContainerNear {
  readonly id: string;
  readonly name: string;
  readonly state: 'running' | 'stopped' | 'restarting' | 'paused';
  readonly networks: readonly ContainerNetwork[];
  /** They are those of another container, whose network it has: no network knows its own name, and it is connected to none. */
  readonly inNetworkOfAnother?: boolean;
  /** Ports that its image names (EXPOSE), and ports of the machine that lead to ports of its own. */
  readonly exposed: readonly number[];
  readonly published: readonly { readonly outside: number; readonly inside: number }[];
  /** Its entrypoint with the words that it is given: there may be secrets among them. */
  readonly command?: readonly string[];
  /** PGPORT, the port of a server that is given no other one. */
  readonly environmentPort?: string | undefined;
  /** postmaster.pid in its PGDATA, while it runs. */
  readonly lockFile?: string;
  /** Its name in Compose, whose files say which networks it gets when it is made again. */
  readonly isOfCompose: boolean;
  /** global/pg_control in its PGDATA; undefined: there is none, or it was not read. */
  readonly controlFile: Uint8Array | undefined;
  /** It may have a cluster, and its control file was not read. */
  readonly isUnread?: true;
}

/** The examined container, and the others of its engine. */
export interface ContainersNear {
  readonly engine: 'docker' | 'podman';
  readonly own: ContainerNear;
  readonly others: readonly ContainerNear[];
}
