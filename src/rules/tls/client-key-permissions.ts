import { shellWord } from '../../remedies/quoting.ts';
import { at, manual, safe, shell } from '../../remedies/remedy.ts';
import { connectingSide, connectionFacts } from '../conninfo/connecting.ts';
import { judgeStage, triesOf } from '../network/reach.ts';
import { defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const clientKeyPermissions = defineRule({
  id: 'tls/client-key-permissions',
  title: "The client's private key cannot be used",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: connectionFacts,
  explains: [...notStreaming],
  says: [
    'has group or world access',
    'certificate present, but not private key file',
    'could not load private key file',
  ],
  docs: {
    what: 'Fails when a client certificate is there and its key is missing, not a plain file, unreadable, or open to others than its owner, so that libpq breaks the connection off.',
    why: 'libpq uses a key only when its mode is 0600 or less, or 0640 or less where root owns it.',
    notes:
      'With sslmode=prefer libpq goes on without TLS; then this is a finding only where the server does not let it in that way.',
    references: [
      'https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-CLIENTCERT',
      'src/interfaces/libpq/fe-secure-openssl.c',
    ],
  },
  judge({ replicationLogin, ...seen }) {
    const side = connectingSide(seen);
    return judgeStage(replicationLogin, 'tls', (_attempt, outcome) => {
      if (outcome.kind !== 'client-stopped' || outcome.why !== 'client-key') return undefined;
      const { file, message } = outcome;
      const isMode = /has mode \d+/u.test(message);
      return fail({
        title:
          file === undefined
            ? "The client's private key cannot be used"
            : `libpq does not use the client's key ${file}`,
        message: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
        where: at(side, undefined, file),
        evidence: [evidence('libpq stops at', message, 'the replication login'), ...triesOf(replicationLogin)],
        remedy: safe(
          isMode
            ? 'Let nobody but its owner read the key.'
            : 'Give libpq the key of the certificate, or no certificate.',
          isMode && file !== undefined
            ? shell(side, `chmod 0600 ${shellWord(file)}`, 'change-mode', file)
            : manual(
                side,
                'Put the key that belongs to the certificate there, with mode 0600, or name both files with sslcert and sslkey; a certificate that nobody asks for can be left out with sslcertmode=disable (libpq 16 and later).',
              ),
        ),
      });
    });
  },
});
