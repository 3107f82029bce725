import { readFileSync } from 'node:fs';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ExaminedTarget, FleetReport } from '../../src/findings/fleet-report.ts';
import type { Report } from '../../src/findings/report.ts';
import type { TopologyServer } from '../../src/findings/topology.ts';
import { clustersOf } from '../../src/report/fleet/clusters.ts';
import { fleetFormatNames, fleetFormatOf } from '../../src/report/fleet/formats.ts';
import type { FleetFormatName } from '../../src/report/fleet/formats.ts';
import { escapedJson } from '../../src/report/json.ts';
import { formatNames } from '../../src/report/formats.ts';
import type { FormatName } from '../../src/report/formats.ts';
import { noPaint } from '../../src/report/paint.ts';
import { examined, fleetOf } from './fleets.ts';
import { at, bySchema, objections } from './consumers.ts';
import { aReport } from './reports.ts';
import { hostile, sample, spoiled } from './spoiled.ts';
import { controls, holds, lineCount } from './what-holds.ts';

const rendered = async (name: FleetFormatName, fleet: FleetReport): Promise<string> =>
  whole((await fleetFormatOf(name).renderer())(fleet, { width: 80, paint: noPaint }));

const whole = (text: string | Iterable<string>): string => (typeof text === 'string' ? text : [...text].join(''));

const isOfReports = (name: FleetFormatName): name is FormatName & FleetFormatName =>
  formatNames.some((one) => one === name);

it('has every format of a report', () => {
  expect(fleetFormatNames).toEqual(expect.arrayContaining([...formatNames]));
});

it.each([0, 1, 3])('JSON in pieces is that of the whole report: %i targets', async (count) => {
  const fleet = fleetOf('word', sample);
  const some = {
    ...fleet,
    targets: Array.from({ length: count }, (_, at) => fleet.targets[at % fleet.targets.length]),
  };
  expect(await rendered('json', some as FleetReport)).toBe(escapedJson(some));
});

describe.each(fleetFormatNames)('%s', (name) => {
  it('is what its consumer takes, and tells of every target', async () => {
    const fleet = fleetOf('word', sample);
    const text = await rendered(name, fleet);
    if (name === 'json') {
      const [schema = '', report = ''] = ['fleet', 'report'].map((one) =>
        readFileSync(at(`../schemas/${one}.json`), 'utf8'),
      );
      const whole: unknown = JSON.parse(schema.replace(/\{\s*"\$ref": "report.json"\s*\}/u, () => report));
      expect(bySchema('fleet', whole, JSON.parse(text))).toBe('');
    } else if (isOfReports(name)) expect(objections[name]?.(text) ?? '').toBe('');
    for (const { target } of fleet.targets) expect(text.replaceAll('%20', ' ')).toContain(target);
  });

  it('lets no text of a server break out', async () => {
    const renderer = await fleetFormatOf(name).renderer();
    const render = (fleet: FleetReport): string => whole(renderer(fleet, { width: 80, paint: noPaint }));
    const calm = render(fleetOf('word', spoiled('word')));
    fc.assert(
      fc.property(hostile, (words) => {
        const text = render(fleetOf(words, spoiled(words)));
        expect(text).not.toMatch(controls);
        if (name !== 'github') expect(text).not.toMatch(/^\s*::[a-z-]+(?: [^\n]*)?::/imu);
        expect(text).not.toMatch(/##\w*\[/u);
        whatHolds(name, text, calm);
      }),
      { numRuns: 30 },
    );
  });
});

/** What holds of a format of reports holds here; what is a fleet's own is told below. */
function whatHolds(name: FleetFormatName, text: string, calm: string): void {
  if (name === 'ndjson') {
    expect(lineCount(text)).toBe(5);
    for (const line of text.trimEnd().split('\n')) expect(JSON.parse(line)).toBeTypeOf('object');
  } else if (name === 'github') {
    const rest = (whole: string): string => whole.replaceAll(/^::(?:group|endgroup)::.*\n/gmu, '');
    expect(text.match(/^::(?:group|endgroup)::/gmu)).toHaveLength(6);
    holds.github(rest(text), rest(calm));
  } else if (name === 'markdown') {
    expect(text.replaceAll(/(?<!\\|`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/gu, '')).not.toMatch(
      /<(?!!-- -->)|(?<![\\\w])\[|(?<![\w>])@\w/u,
    );
    for (const row of text.split('\n').filter((line) => line.startsWith('| ')))
      expect(row.replaceAll('\\|', '').split('|')).toHaveLength(5);
  } else holds[name](text, calm);
}

describe('the clusters of a fleet', () => {
  const cluster = '7000000000000000001';
  const server = (
    side: 'primary' | 'standby',
    address: string,
    more: Partial<TopologyServer> = {},
  ): TopologyServer => ({ side, role: side, address, port: 5432, systemIdentifier: cluster, ...more });
  const streaming = { from: 0, state: 'streaming' } as const;
  const seen = (name: string, from = 0): TopologyServer => ({
    ...{ role: 'standby', name, address: '10.0.0.9' },
    receives: { from, state: 'streaming' },
  });
  const reportOf = (topology: readonly TopologyServer[]): Report => aReport({ command: 'postmortem', topology });
  const shownOf = (targets: readonly ExaminedTarget[]) =>
    clustersOf({ targets }).map(({ servers }) => servers.map(({ name, flow }) => [name, flow?.from]));
  const name = aReport().subject.primary;

  it('joins a cascade of which each part was looked at by itself', () => {
    const one = reportOf([
      server('primary', '10.0.0.1'),
      server('standby', '10.0.0.2', { name: 'db2', receives: streaming }),
      seen('unexamined'),
      seen('db3', 1),
    ]);
    const two = reportOf([
      { role: 'primary' },
      server('primary', '10.0.0.2', { role: 'standby', receives: { from: 0, state: 'unknown' } }),
      { ...server('standby', '10.0.0.9', { name: 'db3' }), receives: { from: 1, state: 'streaming' } },
    ]);
    const orders = [
      [examined('db2', one), examined('db3', two)],
      [examined('db3', two), examined('db2', one)],
    ];
    for (const targets of orders) {
      const [servers = [], ...others] = shownOf(targets);
      expect([others, servers.length]).toEqual([[], 4]);
      expect(servers.map(([shown]) => shown)).toEqual(expect.arrayContaining([name, 'db2', 'db3', 'unexamined']));
      const at = (shown: string): number => servers.findIndex(([one]) => one === shown);
      expect(servers[at('db2')]?.[1]).toBe(at(name ?? ''));
      expect(servers[at('db3')]?.[1]).toBe(at('db2'));
      expect(servers[at('unexamined')]?.[1]).toBe(at(name ?? ''));
    }
  });

  it.each([
    { why: 'its standbys say that two addresses are one', listed: '10.0.0.2', names: ['db1', 'db2', 'primary'] },
    {
      why: 'nothing says that two addresses are one',
      listed: '10.0.0.8',
      names: ['db1', 'db2', 'lost', 'primary', 'primary'],
    },
  ])('draws a cluster once, and its primary once where $why', ({ listed, names }) => {
    const near = reportOf([
      server('primary', '127.0.0.1'),
      server('standby', '127.0.0.1', { port: 5433, name: 'db1', receives: streaming }),
      { ...seen(listed === '10.0.0.2' ? 'db2' : 'lost'), address: listed },
    ]);
    const far = reportOf([
      server('primary', '10.0.0.1'),
      server('standby', '10.0.0.2', { name: 'db2', receives: streaming }),
    ]);
    const [servers = [], ...others] = shownOf([examined('db1', near), examined('db2', far)]);
    expect(others).toEqual([]);
    expect(
      servers.map(([shown]) => (shown === name ? 'primary' : String(shown))).toSorted((a, b) => (a < b ? -1 : 1)),
    ).toEqual(names);
    for (const [shown, from] of servers)
      if (shown !== name) expect(servers[Number(from)]?.[0], JSON.stringify(servers)).toBe(name);
  });

  it('keeps clusters apart, and counts standbys of one name', () => {
    const other = { systemIdentifier: '7000000000000000002' };
    const report = reportOf([
      server('primary', '10.0.0.1', other),
      server('standby', '10.0.0.9', { ...other, port: 5433, name: 'walreceiver', receives: streaming }),
      seen('walreceiver'),
      seen('walreceiver'),
    ]);
    const again = reportOf([
      server('primary', '10.0.0.1', other),
      server('standby', '10.0.0.9', { ...other, port: 5434, name: 'walreceiver', receives: streaming }),
      seen('walreceiver'),
      seen('walreceiver'),
    ]);
    const [pair, three, ...none] = clustersOf({
      targets: [
        examined(
          'x',
          reportOf([server('primary', '10.0.0.1'), server('standby', '10.0.0.2', { receives: streaming })]),
        ),
        ...[examined('y', report), examined('z', again)],
      ],
    });
    expect(none).toEqual([]);
    expect([pair?.systemIdentifier, pair?.servers.length]).toEqual([cluster, 2]);
    expect([three?.systemIdentifier, three?.servers.length]).toEqual([other.systemIdentifier, 4]);
  });
});
