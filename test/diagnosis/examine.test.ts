import { describe, expect, it } from 'vitest';

import type { AnyCheck, Surroundings } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/registry.ts';
import { factsNeeded } from '../../src/diagnosis/diagnose.ts';
import { askedFirst, examine } from '../../src/diagnosis/examine.ts';
import { notApplicable } from '../../src/facts/observed.ts';
import type { OpenSession } from '../../src/servers/session.ts';
import { rulesOfCopies, rulesOfStandbys } from '../../src/rules/catalogue.ts';

const surroundings: Surroundings = {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no check here looks at the subject or the host
  ...({ subject: {}, host: {} } as unknown as Pick<Surroundings, 'subject' | 'host'>),
  timeoutMs: 1_000,
  signal: new AbortController().signal,
  now: () => new Date(),
};
const nothing = notApplicable('a test');

describe('what is asked of servers before the rules are read', () => {
  it.each([
    ['preflight', rulesOfCopies],
    ['clone', rulesOfCopies],
    ['postmortem', rulesOfStandbys],
  ] as const)('is asked by the rules of %s', (command, rules) => {
    expect(factsNeeded(rules, command)).toEqual(expect.arrayContaining([...askedFirst]));
  });

  it('has begun by then', async () => {
    const course: string[] = [];
    const check = (brings: AnyCheck['brings'], asksServer?: true): AnyCheck => ({
      brings,
      after: [],
      ...(asksServer ? { asksServer } : {}),
      look: async () => {
        course.push(brings.join(', '));
        return Object.fromEntries(brings.map((name) => [name, nothing]));
      },
    });
    const facts = await examine(
      async () => {
        course.push('the rules');
        return [{ needs: [...askedFirst, 'controlFile'] }];
      },
      [check(['controlFile']), check(['replicationLogin'], true), check(['runningStandby'], true)],
      surroundings,
    );
    expect(course).toEqual(['replicationLogin', 'runningStandby', 'the rules', 'controlFile']);
    expect(Object.keys(facts).toSorted()).toEqual(['controlFile', 'replicationLogin', 'runningStandby']);
  });

  it('is brought by checks that do not wait for a turn', () => {
    for (const name of askedFirst)
      expect(checks.find(({ brings }) => brings.includes(name))).toMatchObject({ asksServer: true });
  });
});

describe('the session over --admin', () => {
  /** Counts how often it is closed. */
  function aSession(): { readonly session: OpenSession; readonly closed: () => number } {
    let closed = 0;
    const session = {
      isOpen: () => closed === 0,
      close: async () => {
        closed += 1;
      },
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing is asked here
    return { session: session as unknown as OpenSession, closed: () => closed };
  }

  it('is kept until all has been looked at, and is closed then', async () => {
    const { session, closed } = aSession();
    const another = aSession();
    const during: unknown[] = [];
    const first: AnyCheck = {
      brings: ['controlFile'],
      after: [],
      look: async (_facts, { kept }) => {
        kept?.keep(session);
        return { controlFile: nothing };
      },
    };
    const second: AnyCheck = {
      brings: ['now'],
      after: ['controlFile'],
      look: async (_facts, { kept }) => {
        const taken = kept?.take();
        during.push(taken === session, closed(), kept?.take());
        if (taken !== undefined) kept?.keep(taken);
        kept?.keep(another.session);
        return { now: nothing };
      },
    };
    await examine([{ needs: ['now'] }], [first, second], surroundings);
    expect(during).toEqual([true, 0, undefined]);
    expect([closed(), another.closed()]).toEqual([1, 1]);
  });

  it('is closed too where the rules cannot be read', async () => {
    const { session, closed } = aSession();
    const checkOf = (name: 'replicationLogin' | 'runningStandby'): AnyCheck => ({
      brings: [name],
      after: [],
      asksServer: true,
      look: async (_facts, { kept }) => {
        if (name === 'replicationLogin') kept?.keep(session);
        return { [name]: nothing };
      },
    });
    const reading = async () => Promise.reject(new Error('EMFILE'));
    const look = examine(reading, [checkOf('replicationLogin'), checkOf('runningStandby')], surroundings);
    await expect(look).rejects.toThrow('EMFILE');
    expect(closed()).toBe(1);
  });

  it('is not handed on when it has broken off', async () => {
    const { session } = aSession();
    const taken: unknown[] = [];
    const check: AnyCheck = {
      brings: ['now'],
      after: [],
      look: async (_facts, { kept }) => {
        kept?.keep(session);
        await session.close();
        taken.push(kept?.take());
        return { now: nothing };
      },
    };
    await examine([{ needs: ['now'] }], [check], surroundings);
    expect(taken).toEqual([undefined]);
  });
});
