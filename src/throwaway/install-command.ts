import { access, constants } from 'node:fs/promises';

/** The command that installs a PostgreSQL server on this platform; undefined where there is no one way. */
export async function installCommand(): Promise<string | undefined> {
  if (process.platform === 'darwin') return 'brew install postgresql@17';
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  if (await has('/usr/bin/apt-get')) return `${sudo}apt-get install postgresql`;
  if (await has('/usr/bin/dnf')) return `${sudo}dnf install postgresql-server`;
  return undefined;
}

const has = async (program: string): Promise<boolean> =>
  access(program, constants.X_OK).then(
    () => true,
    () => false,
  );
