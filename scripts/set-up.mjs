// What `npm test` and `npm run demo` need on a machine that has nothing but Node.js, npm and git. It runs before `npm ci`, so it
// imports nothing but Node.js itself until the dependencies are there.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('..', import.meta.url));

/** Something that the user has to know or do; the command ends with status 2. */
class NotReady extends Error {}

/** Runs a command's main function: its number is the exit status; what the machine lacks is told in words, with status 2. */
export async function main(command) {
  try {
    process.exitCode = await command();
  } catch (problem) {
    if (!(problem instanceof NotReady)) throw problem;
    console.error(problem.message);
    process.exitCode = 2;
  }
}

/**
 * Dependencies, build, PostgreSQL. `places` are folders with a release's programs to look into beside the usual ones; `browser`:
 * a Chromium too.
 */
export async function setUp({ places = [], postgres = true, browser = false } = {}) {
  requireNode();
  installDependencies();
  step('build', ['npm', 'run', '--silent', 'build']);
  if (postgres) await requirePostgres(places);
  if (browser) requireBrowser();
}

/**
 * Where the program can be run from, and as whom. PostgreSQL refuses to run as root, so root hands over to another user (see
 * src/throwaway/os-user.ts); when that user cannot read the checkout, as under /root, or the node program, it gets a copy (of these
 * `parts` of the checkout) that is removed by `done`.
 */
export async function quarters(parts = ['.']) {
  const { serverUser } = await ours('../src/throwaway/os-user.ts');
  const user = await serverUser();
  const here = { folder: checkout, node: process.execPath, user, done: () => undefined };
  if (user === null) return here;
  const can = (...command) =>
    spawnSync(command[0], command.slice(1), { uid: user.uid, gid: user.gid, cwd: '/' }).status === 0;
  const reachesNode = can(process.execPath, '--version');
  const reachesCheckout = can('test', '-r', join(checkout, 'dist', 'standbylint.js'));
  if (reachesNode && reachesCheckout) return here;

  const copy = mkdtempSync(join(tmpdir(), 'standbylint-checkout-'));
  const done = () => rmSync(copy, { recursive: true, force: true });
  process.once('exit', done);
  chownSync(copy, user.uid, user.gid);
  if (!reachesCheckout) {
    say(`user ${user.name} cannot read ${checkout}: working in a copy, ${copy}`);
    for (const part of parts.filter((part) => existsSync(join(checkout, part)))) {
      cpSync(join(checkout, part), join(copy, part), { recursive: true, verbatimSymlinks: true, filter: notGit });
    }
    spawnSync('chmod', ['-R', 'a+rX', copy]);
  }
  const node = reachesNode ? process.execPath : join(copy, 'node');
  if (!reachesNode) cpSync(process.execPath, node, { dereference: true });
  return { folder: reachesCheckout ? checkout : copy, node, user, done };
}

/** Runs a program in the foreground and gives its exit status. An interrupt reaches it too, and it is left the time to clean up. */
export async function run(program, args, options = {}) {
  process.on('SIGINT', ignore);
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: 'inherit', ...options });
      const passOn = () => child.kill('SIGTERM');
      process.on('SIGTERM', passOn);
      child.once('error', reject);
      child.once('close', (status, signal) => {
        process.off('SIGTERM', passOn);
        resolve(status ?? (signal === 'SIGINT' ? 130 : 1));
      });
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}

const ignore = () => undefined;

const notGit = (path) => basename(path) !== '.git';

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new NotReady(
    `standbylint needs Node.js 20.19 or later; this is ${process.versions.node} (${process.execPath}).`,
  );
}

/** npm writes node_modules/.package-lock.json last of all. */
function installDependencies() {
  const installed = join(checkout, 'node_modules', '.package-lock.json');
  const current =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(checkout, 'package-lock.json')).mtimeMs;
  if (!current) step('install the dependencies (npm ci)', ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

async function requirePostgres(places) {
  const { findReleases } = await ours('../src/throwaway/releases.ts');
  const usable = async () => (await findReleases(places)).some(({ major }) => major >= 13);
  if (await usable()) return;
  installPostgres();
  if (!(await usable()))
    throw new NotReady('PostgreSQL was installed, but no server of release 13 or later was found afterwards.');
}

function installPostgres() {
  const needed = 'A PostgreSQL server (13 or later) is needed on this machine, and none was found.';
  const command = installCommand();
  if (command === null) throw new NotReady(`${needed} See https://www.postgresql.org/download/ for this platform.`);
  install(needed, command);
}

/** What looks at the HTML report. */
function requireBrowser() {
  if (has('chromium')) return;
  const needed = 'The program chromium is needed for the tests, and was not found.';
  if (!has('apt-get')) throw new NotReady(needed);
  install(needed, 'apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core');
}

/** Installs packages where this user may, and says how where not. */
function install(needed, command) {
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const may = prefix.length === 0 || spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!command.startsWith('apt-get') || !may) {
    const typed = process.getuid?.() === 0 || command.startsWith('brew') ? command : `sudo sh -c '${command}'`;
    throw new NotReady(`${needed} Install it with:\n\n  ${typed}\n\nand run this again.`);
  }
  say(`${needed} Installing the distribution's packages.`);
  step(command, [...prefix, 'sh', '-c', aptScript(command)]);
}

const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

function installCommand() {
  if (process.platform === 'darwin') return 'brew install postgresql@17';
  if (process.platform !== 'linux') return null;
  if (has('apt-get')) return 'apt-get update && apt-get install -y --no-install-recommends postgresql';
  if (has('dnf')) return 'dnf install -y postgresql-server';
  return null;
}

/**
 * Debian's package makes a cluster "main" and starts it, which nobody asked for here. postgresql-common leaves that out when
 * createcluster.conf says so, and reads a folder beside that file (createcluster.conf(5), include_dir): a file stands there for as
 * long as the installation takes, and no setting of the machine is changed for good. policy-rc.d would only keep the cluster
 * from starting.
 */
function aptScript(command) {
  return `set -e
export DEBIAN_FRONTEND=noninteractive
dir=/etc/postgresql-common/createcluster.d
mkdir -p "$dir"
trap 'rm -f "$dir/standbylint.conf"; rmdir "$dir" 2>/dev/null || true' EXIT
echo 'create_main_cluster = false' >"$dir/standbylint.conf"
${command.replaceAll('apt-get ', 'apt-get -qq ')}`;
}

/** Names a step, runs it, and shows what it printed only when it did not succeed. */
function step(name, [program, ...args]) {
  say(name);
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: checkout,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0)
    throw new NotReady(`${name}: this did not succeed:\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`);
}

function say(text) {
  console.error(`· ${text}`);
}

/** Imports TypeScript of the project, once the dependencies are there. */
export async function ours(file) {
  process.env.TSX_DISABLE_CACHE = '1'; // it would stay behind in the temporary folder
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(file, import.meta.url);
}
