import { capitalized } from '../../findings/sentence.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { connectingSide, connectionFacts } from '../../remedies/connecting.ts';
import { wholeTlsPaths } from '../../remedies/whole-passfile-path.ts';
import { judgeStage, triesOf } from '../../derived/login-stages.ts';
import { at, defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const clientKeyPermissions = defineRule({
  id: 'tls/client-key-permissions',
  title: "The client's private key is not usable",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: connectionFacts,
  explains: [...notStreaming],
  messages: ['libpq-key-perms', 'libpq-key-perms-13', 'libpq-key-missing', 'libpq-key-load'],
  docs: {
    what: 'Fails if a client certificate exists, but its key is missing, not a regular file, unreadable, or accessible to group or others, so that libpq ends the connection.',
    why: 'libpq uses a key only if its mode is 0600 or less, or 0640 or less if root owns it.',
    notes:
      'With sslmode=prefer libpq continues without TLS; this is then reported only if the server refuses the unencrypted connection.',
    references: [
      'Client Certificates: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-CLIENTCERT',
      'src/interfaces/libpq/fe-secure-openssl.c: initialize_SSL()',
    ],
  },
  judge({ replicationLogin, connectionPlan, ...seen }) {
    const side = connectingSide(seen);
    return judgeStage(replicationLogin, 'tls', (_attempt, outcome) => {
      if (outcome.kind !== 'client-stopped' || outcome.why !== 'client-key') return undefined;
      const { file, message } = outcome;
      const isMode = /has mode \d+/u.test(message);
      return fail({
        title:
          file === undefined ? "The client's private key is not usable" : `libpq does not use the client's key ${file}`,
        message: `${capitalized(message)}.`,
        where: at(side, undefined, file),
        evidence: [evidence('libpq reports', message, 'the replication login'), ...triesOf(replicationLogin)],
        remedy:
          wholeTlsPaths(seen, connectionPlan, 'sslkey') ??
          safe(
            isMode
              ? 'Remove access to the key for group and others.'
              : 'Give libpq the key that belongs to the certificate, or no certificate.',
            isMode && file !== undefined
              ? shell(side, `chmod 0600 ${shellWord(file)}`, 'change-mode', file)
              : manual(
                  side,
                  'Put the key that belongs to the certificate in this place, with mode 0600, or give both files with sslcert and sslkey. If the server does not require a certificate, sslcertmode=disable sends none (libpq 16 and later).',
                ),
          ),
      });
    });
  },
});
