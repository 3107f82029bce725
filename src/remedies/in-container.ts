import { posix } from 'node:path';

import type { ExaminedPlace, OtherContainer } from '../facts/machine.ts';
import type { Report, Step } from '../findings/report.ts';
import { capitalized } from '../findings/sentence.ts';
import { isLost, volumeOf, withVolume } from './in-its-volumes.ts';
import { portIn } from '../postgres/postmaster-files.ts';
import { movedInto, upwards } from './moving-content.ts';
import { keptBeside } from './container-again.ts';
import { shellWord } from './quoting.ts';

type Container = Extract<ExaminedPlace, { readonly kind: 'container' }>;

/** A report on a standby in a container, and who runs its server: what is to be typed is typed where the report is read. */
export function reportOnContainer(report: Report, container: Container, owner: string): Report {
  const primary = primaryOf(report, container);
  return reportFromOutside(
    report,
    (text) => named(text, container),
    (steps) => stepsFromOutside(steps, container, owner, primary),
  );
}

/** A report for whoever reads it outside of the examined machine: what is said of that one, and what is typed. */
export function reportFromOutside(
  report: Report,
  said: (text: string) => string,
  steps: (steps: readonly Step[]) => readonly Step[],
): Report {
  const way = <T extends { readonly steps: readonly Step[]; readonly summary: string }>(one: T): T => ({
    ...one,
    summary: said(one.summary),
    steps: steps(one.steps),
  });
  const { plan, recovery } = report;
  // what comes before a plan's step stops or starts the container: it is gone through as a whole
  const planned = [...plan.steps];
  const placed = steps(planned.map(({ step }) => step));
  const before = placed.slice(0, placed.length - planned.length).map((step) => ({ step, for: planned[0]?.for ?? [] }));
  return {
    ...report,
    findings: report.findings.map((finding) => ({
      ...finding,
      title: said(finding.title),
      message: said(finding.message),
      evidence: finding.evidence.map((one) => ({ ...one, label: said(one.label), source: said(one.source) })),
      remedy:
        finding.remedy === null
          ? null
          : {
              ...way(finding.remedy),
              ...(finding.remedy.alternatives === undefined
                ? {}
                : { alternatives: finding.remedy.alternatives.map((other) => way(other)) }),
            },
    })),
    recovery: recovery === null ? null : { ...recovery, because: said(recovery.because), steps: steps(recovery.steps) },
    plan: {
      ...plan,
      summary: plan.summary === null ? null : said(plan.summary),
      steps: [
        ...before,
        ...planned.flatMap(({ for: ids }, at) => {
          const step = placed[before.length + at];
          return step === undefined ? [] : [{ step, for: ids }];
        }),
      ],
      alternatives: plan.alternatives.map((other) => way(other)),
    },
    rules: report.rules.map((rule) => (rule.because === null ? rule : { ...rule, because: said(rule.because) })),
  };
}

/** The container that the primary runs in, where its address is that of one here. */
export function primaryOf({ subject }: Report, { others }: Container): OtherContainer | undefined {
  const address = subject.primaryAddress ?? subject.primary?.replace(/:\d+$/u, '');
  return address === undefined ? undefined : others?.get(address);
}

/** Texts speak of the examined machine as of this one. */
export const named = (text: string, { name }: Container): string => namedAs(text, `the container ${name}`);

export const namedAs = (text: string, machine: string, way: 'in' | 'on' = 'in'): string =>
  text
    .replaceAll(
      /\b([Oo])n this (?:host|machine)\b/gu,
      (_, o: string) => `${o === 'O' ? capitalized(way) : way} ${machine}`,
    )
    .replaceAll(/\bthis (?:host|machine)\b/gu, machine);

/**
 * The same steps for a shell outside of the container. While it runs they are taken in it; while it does not, in one
 * beside it that has its volumes. One that Docker starts again and again is stopped first, so that nothing starts on what is
 * half done: an entrypoint that finds an empty directory makes a new cluster there.
 */
export function stepsFromOutside(
  steps: readonly Step[],
  examined: Container,
  owner: string,
  primary?: OtherContainer,
): readonly Step[] {
  let container = examined;
  let runs = container.state === 'running';
  const isTyped = ({ on, kind, does, asRoot }: Step): boolean =>
    on !== 'primary' &&
    !isControl(does) &&
    does !== 'check-again' &&
    does !== 'container' &&
    (kind !== 'manual' || asRoot !== undefined);
  const idle = container.made?.idle;
  const stopsFirst = container.state === 'restarting' && steps.some(isTyped);
  const control = (act: 'start' | 'restart' | 'stop', step: Pick<Step, 'paths'>): Step => ({
    ...(step.paths === undefined ? {} : { paths: step.paths }),
    on: 'client',
    kind: 'shell',
    does: act,
    text: `${container.engine} ${act} ${container.name}`,
  });
  let loops = container.state === 'restarting' && !stopsFirst;
  const outside = steps.map((step): Step => {
    const { on, does, kind, text, asRoot, edit: _edit, undo: _undo, ...rest } = step;
    if (on === 'primary') return primary === undefined ? step : onPrimary(step, { ...container, ...primary });
    if (isControl(does)) {
      // it is created again
      if (on === 'client') return step;
      // a start with settings of its own is for a person
      if (step.once === true) return { ...step, text: named(text, container) };
      const kept = does === 'stop' ? keptBeside(container) : undefined;
      if (kept !== undefined) {
        container = { ...gone(container), name: kept.name };
        runs = false;
        const { asRoot: _asRoot, ...other } = step;
        return { ...other, on: 'client', kind: 'manual', text: kept.text };
      }
      if (idle !== undefined && does !== 'stop') return withoutMain(step, does, idle, container);
      const act = does === 'start' && loops ? 'restart' : does;
      runs = does !== 'stop';
      loops = false;
      return control(act, step);
    }
    if (kind === 'sql') return { ...rest, on: 'client', kind: 'shell', does, text: psql(step, container) };
    if (!isTyped(step)) return { ...step, text: named(stoppedOutside(step, container), container) };
    const onThisMachine = ofThisMachine(step, container);
    if (onThisMachine !== undefined) return { ...rest, on: 'client', kind: 'shell', does, text: onThisMachine };
    // the owner may be another one by then
    const user = asRoot !== undefined || does === 'change-mode' ? 'root' : owner;
    const command = { ...step, text: asRoot ?? text };
    const lost = runs ? undefined : (step.paths ?? []).find((path) => isLost(path, container));
    if (lost !== undefined) return { ...rest, on: 'client', kind: 'manual', does, text: withVolume(lost, container) };
    return {
      ...rest,
      on: 'client',
      kind: 'shell',
      does,
      text: runs ? within(command, user, container) : beside(command, user, container),
    };
  });
  return stopsFirst ? [control('stop', {}), ...outside] : outside;
}

/** To start a container whose main program is none starts no server, and to restart it ends the one that somebody has started in it. */
function withoutMain(step: Step, does: 'start' | 'restart', program: string, container: Container): Step {
  const { asRoot: _asRoot, ...rest } = step;
  const { name, engine } = container;
  const [directory = ''] = step.paths ?? [];
  const mount = volumeOf(directory, container) ?? directory;
  const others = `${engine} ps -a${mount === '' ? '' : ` --filter ${shellWord(`volume=${mount}`)}`}`;
  return {
    ...rest,
    on: 'client',
    kind: 'manual',
    text:
      does === 'start'
        ? // a server beside that of another container would write to the same files
          `The main program of container ${name} is ${program}, which starts no server. Start the container that runs the server on this directory: ${others} shows its name for ${engine} start.`
        : `The main program of container ${name} is ${program}: ${engine} restart would only end the server in it. Restart the server with pg_ctl in the container, as it was started.`,
  };
}

/** What makes a standby in a container, as it is typed outside of it: the copy by a container beside it, and its start. */
export function copyFromOutside(
  commandLine: string,
  container: Container,
  password: 'environment' | 'asked' | 'known',
  directory: string,
): readonly string[] {
  const kept = keptBeside(container);
  if (kept !== undefined && isUsed(directory, container))
    return [
      kept.line ??
        `${container.engine} create --name ${kept.name} --volumes-from ${container.name} ${imageOf(container)} # and with the environment, network and options of ${container.name}`,
      `${container.engine} stop ${container.name}`,
      ...copyFromOutside(commandLine, { ...gone(container), name: kept.name }, password, directory),
    ];
  const given = password === 'environment' ? '-e PGPASSWORD ' : password === 'asked' ? '-it ' : '';
  return [
    // a server on another directory goes on
    ...(container.state === 'stopped' || !isUsed(directory, container)
      ? []
      : [`${container.engine} stop ${container.name}`]),
    beside({ text: commandLine }, 'postgres', container).replace('run --rm ', `run --rm ${given}`),
    ...inPlace(directory, container),
    // of a container that starts its server on another directory nothing is started
    ...(isUsed(directory, container) ? [`${container.engine} start ${container.name}`] : []),
  ];
}

/** What takes its place is created, and not started. */
const gone = ({ made, ...container }: Container): Container => ({
  ...container,
  state: 'stopped',
  ...(made && { made: { ...made, isTemporary: false } }),
});

/** Whether the container's server is started on that directory, or one above it. */
export const isUsed = (directory: string, { pgdata }: Container): boolean =>
  pgdata === undefined || [directory, posix.dirname(directory)].includes(posix.normalize(pgdata));

/** The server of the container is started on PGDATA: a copy that was made below it comes up, and what was there goes aside. */
export function inPlace(directory: string, container: Container): readonly string[] {
  const { pgdata } = container;
  if (pgdata === undefined || posix.dirname(directory) !== posix.normalize(pgdata)) return [];
  const aside = movedInto(pgdata, 'before-standbylint', posix.basename(directory));
  return [beside({ text: `${aside} && ${upwards(directory)}` }, 'postgres', container)];
}

/**
 * A container gets another address at its next start, and the one that was seen may be that of the container beside it: an
 * entry of pg_hba.conf for a primary of the same engine is for the networks that this one is in. Both what is typed and what
 * --fix writes say so.
 */
export function throughItsNetwork(report: Report, container: Container): Report {
  if (primaryOf(report, container) === undefined) return report;
  const { findings, plan } = report;
  return {
    ...report,
    findings: findings.map((finding) =>
      finding.remedy === null
        ? finding
        : { ...finding, remedy: { ...finding.remedy, steps: finding.remedy.steps.map(forItsNetwork) } },
    ),
    plan: { ...plan, steps: plan.steps.map((planned) => ({ ...planned, step: forItsNetwork(planned.step) })) },
  };
}

/** An entry of pg_hba.conf for one address becomes one for the whole network: a container's address changes with each start. */
export function forItsNetwork(step: Step): Step {
  const { on, edit, text } = step;
  const wider = (line: string): string => line.replace(ofOneAddress, '$1samenet');
  // a line for a person to add
  if (on === 'primary' && edit === undefined && step.kind === 'manual') return { ...step, text: wider(text) };
  // an entry that somebody has written keeps its address
  if (on !== 'primary' || edit === undefined || edit.changes.some(({ act }) => act === 'replace')) return step;
  const changes = edit.changes.map((change) => ({ ...change, text: wider(change.text) }));
  return { ...step, text: wider(text), edit: { ...edit, changes } };
}

const ofOneAddress =
  /(\bhost(?:ssl|nossl|gssenc|nogssenc)? replication (?:"[^"]*"|\S+) )(?:[\d.]+\/32|[\da-f:.]+\/128)/u;

/** What is typed in the container of the primary, which runs. */
function onPrimary(step: Step, primary: Container): Step {
  const { does, kind, text: _text, asRoot, edit: _edit, undo: _undo, ...rest } = step;
  const typed = (command: string): Step => ({
    ...rest,
    on: 'client',
    kind: 'shell',
    does,
    text: command,
    ...(isControl(does) ? { server: 'primary' } : {}),
  });
  if (step.again === true) return { ...step, on: 'client', server: 'primary' };
  if (kind === 'sql') return typed(psql(step, primary));
  if (does === 'restart') return typed(`${primary.engine} restart ${primary.name}`);
  if (isControl(does)) return step;
  if (kind === 'shell') return typed(ofThisMachine(step, primary) ?? within(step, 'postgres', primary));
  return asRoot === undefined ? step : typed(within({ ...step, text: asRoot }, 'root', primary));
}

/** The same change of a file that the container has from this machine; undefined where it has it from elsewhere. */
function ofThisMachine({ edit, text }: Step, { binds = [] }: Pick<Container, 'binds'>): string | undefined {
  const file = edit?.file ?? '';
  const [bind] = binds
    .filter(({ destination }) => file === destination || file.startsWith(`${destination}/`))
    .toSorted((a, b) => b.destination.length - a.destination.length);
  if (bind === undefined) return undefined;
  const path = `${bind.source}${file.slice(bind.destination.length)}`;
  // one that has to be quoted would have to be quoted again
  return isPlain(path) && isPlain(file) && !/\s/u.test(`${path}${file}`) ? text.replaceAll(file, path) : undefined;
}

/** A container ends with its server, and its engine may start it again: the engine stops it. */
function stoppedOutside({ text, stop }: Step, container: Container): string {
  if (stop === undefined) return text;
  const { engine, name } = container;
  const because =
    keptBeside(container) === undefined
      ? ''
      : ` (it was created with --rm: this deletes it, and its volumes that have no name)`;
  return text.replace(stop, () => `${engine} stop ${name}${because}`);
}

/** It starts or stops a server. */
export const isControl = (does: Step['does']): does is 'start' | 'restart' | 'stop' =>
  does === 'start' || does === 'restart' || does === 'stop';

type Typed = Pick<Step, 'text' | 'asksPassword' | 'role'>;

/** What a shell would take apart goes to a shell of the container. */
const within = (step: Typed, user: string, { engine, name }: Container): string =>
  `${engine} exec ${terminal(step)}-u ${user} ${name} ${isPlain(step.text) ? step.text : `sh -c ${shellWord(step.text)}`}`;

const imageOf = ({ image }: Pick<Container, 'image'>): string => image.replace(/^sha256:/u, '').slice(0, 12);

function beside(step: Typed, user: string, { engine, name, image, network, pod }: Container): string {
  const net = pod !== undefined ? `--pod ${pod} ` : network === undefined ? '' : `--network ${shellWord(network)} `;
  return `${engine} run --rm ${terminal(step)}--volumes-from ${name} ${net}-u ${user} --entrypoint sh ${imageOf({ image })} -c ${shellWord(step.text)}`;
}

/** The engine's options for a command that reads from the terminal. */
export const terminal = ({ asksPassword }: Typed): string => (asksPassword === true ? '-it ' : '');

/** Words that no shell has to take apart. */
export const isPlain = (command: string): boolean => /^(?![^\s]*=)[\w@%+=:,./ -]+$/u.test(command);

/** Several statements are each one of their own, as psql reads them from its input, which a password is typed at otherwise. */
function psql(step: Typed, { engine, name, superuser, made }: Container): string {
  const { words, input } = psqlOf(step, superuser, portIn(made?.command ?? []));
  return input === undefined
    ? `${engine} exec ${terminal(step)}-u postgres ${name} ${words}`
    : `${input} | ${engine} exec -i -u postgres ${name} ${words}`;
}

/** What psql is called with there, and what writes its input. */
export function psqlOf(
  step: Typed,
  superuser: string,
  port = '5432',
): { readonly words: string; readonly input: string | undefined } {
  const login = `psql -X -U ${shellWord(superuser)}${port === '5432' ? '' : ` -p ${shellWord(port)}`} -d postgres`;
  // -c takes SQL or one backslash command, and not both (psql's manual, -c)
  if (step.asksPassword !== true && /;\s*\S|[^\\]\\[a-z]/u.test(step.text))
    return { words: login, input: `${step.text.includes('\\') ? "printf '%s\\n'" : 'echo'} ${shellWord(step.text)}` };
  const all = step.asksPassword === true ? step.text.split('\n') : [step.text];
  // a variable that a statement sets is given to psql by itself
  const lines = all.filter((line) => !line.endsWith(' \\gset'));
  const variable = lines.length === all.length ? '' : ` -v role=${shellWord(step.role ?? '')}`;
  return { words: `${login}${variable}${lines.map((line) => ` -c ${shellWord(line)}`).join('')}`, input: undefined };
}
