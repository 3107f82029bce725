import { furtherAddresses } from '../../../src/rules/network/further-addresses.ts';
import { testRule } from '../rule-tester.ts';
import { aRefusal, aRefusedLogin, anAttempt } from '../world.ts';

const refused = aRefusal('password-refused', '28P01', 'password authentication failed for user "replicator"');
const localhost = { ...refused, host: 'localhost', address: '::1' };

testRule(furtherAddresses, {
  passes: [
    { name: 'the login succeeded', facts: {} },
    { name: 'the name has one address', facts: { replicationLogin: aRefusedLogin(refused) } },
  ],
  notApplicable: [
    {
      name: 'no address made a connection',
      facts: {
        replicationLogin: aRefusedLogin(
          anAttempt({ outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
        ),
      },
    },
  ],
  fails: [
    {
      name: 'another server may be at the second address',
      facts: { replicationLogin: aRefusedLogin({ ...localhost, further: ['127.0.0.1'] }) },
      message: /The server at ::1 refused the login/,
    },
  ],
});
