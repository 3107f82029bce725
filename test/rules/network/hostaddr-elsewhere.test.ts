import { hostaddrElsewhere } from '../../../src/rules/network/hostaddr-elsewhere.ts';
import { testRule } from '../rule-tester.ts';
import type { Changes } from '../rule-tester.ts';
import { aPlan, aRefusedLogin, anAttempt } from '../world.ts';

const to = (...hosts: readonly (readonly [host: string, hostaddr: string | undefined])[]): Changes => ({
  connectionPlan: aPlan({ hosts: hosts.map(([host, hostaddr]) => ({ host, hostaddr, port: 5432, isSocket: false })) }),
});
const refused: Changes = {
  replicationLogin: aRefusedLogin(
    anAttempt({ outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
  ),
};

testRule(hostaddrElsewhere, {
  passes: [
    { name: 'the login succeeds there', facts: to(['10.0.0.1', '10.0.0.2']) },
    { name: 'a name beside it', facts: { ...refused, ...to(['db1', '10.0.0.2']) } },
    { name: 'the same address', facts: { ...refused, ...to(['10.0.0.1', '10.0.0.1']) } },
    { name: 'one of several hosts', facts: { ...refused, ...to(['10.0.0.1', '10.0.0.2'], ['10.0.0.3', undefined]) } },
  ],
  fails: [
    {
      name: 'the server is at host',
      facts: { ...refused, ...to(['10.0.0.1', '10.0.0.9']) },
      message: /goes to hostaddr=10\.0\.0\.9, not to host=10\.0\.0\.1/u,
    },
  ],
});
