import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import { onEachRelease } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { aServer } from '../lab/strange-servers.ts';
import { itsRelease, turn } from '../lab/turn.ts';

const bytesPerSecond = 2_000_000;

/** A cable to that port which passes on no more than it can in the direction of the client. */
const aSlowCable = (port: number) =>
  aServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far);
    void (async () => {
      for await (const chunk of far) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a socket without an encoding gives these
        const bytes = chunk as Buffer;
        near.write(bytes);
        if (bytes.length > 8_192) await pause((bytes.length * 1000) / bytesPerSecond);
      }
      near.end();
    })().catch(() => near.destroy());
  });

onEachRelease((release) => {
  const isPlayed = turn === 'whole' || release.major === itsRelease([13, 15, 17, 18], 0, turn);
  test.skipIf(!isPlayed).each([
    {
      by: 'the network',
      more: [],
      slowedBy: /^the network.* looks: (?:1(?:\.\d)?|2(?:\.[0-4])?) MB\/s$/u,
      faster: release.major < 15 ? undefined : /server-/u,
    },
    {
      by: '-r',
      more: ['-r', '2M'],
      slowedBy: /^-r 2M, in \d+ of \d+ looks: (?:1(?:\.\d)?|2(?:\.[0-4])?) MB\/s$/u,
      faster: /a higher -r/u,
    },
  ])('a copy that is slowed by $by says so, and what would be faster', { timeout: 120_000 }, async (one) => {
    const primary = await aPrimary({ release });
    const standby = await aPlaceForAStandby({ release });
    const { port } = primary.server;
    const over = one.more.length > 0 ? port : await aSlowCable(port);
    const { json } = await runStandbylint(
      [
        'clone',
        ...['-h', '127.0.0.1', '-p', String(over), '-U', primary.role, '-D', standby.dataDirectory, '-R'],
        ...['-c', 'fast', ...one.more, '--admin', primary.admin, '--format', 'json'],
      ],
      { on: standby, env: { PGPASSWORD: primary.password } },
    );
    const details = json.steps?.find(({ name }) => name === 'copy')?.details ?? [];
    const said = (label: string) => details.find((detail) => detail.label === label)?.value;
    expect(said('slowed by'), JSON.stringify(json.steps)).toMatch(one.slowedBy);
    // the primary and the disks are not held up, only the way between them
    expect(Number(/^(?:about|more than) (\d+(?:\.\d+)?) MB\/s$/u.exec(said('without it') ?? '')?.[1])).toBeGreaterThan(
      3,
    );
    if (one.faster === undefined) expect(said('faster')).toBeUndefined();
    else expect(said('faster')).toMatch(one.faster);
  });
});
