import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import { factOf } from './fact-of.ts';
import { holds, notShown } from './main-question.ts';
import type { Answer, MainQuestion } from './main-question.ts';

/** What `ready` claims of a copy that is to be made. */
export const questionsOfCopy: readonly MainQuestion[] = [
  {
    claim: 'the command line is valid',
    needs: ['baseBackup'],
    rules: ['command/options-conflict'],
    answer: ({ facts }) => ifShown(factOf(facts, 'baseBackup')),
  },
  {
    claim: 'the replication login is accepted',
    needs: ['replicationLogin'],
    rules: ['network/login-not-possible'],
    answer: ({ facts }) => {
      const login = factOf(facts, 'replicationLogin');
      if (login.status !== 'seen') return ifShown(login);
      const { outcome } = login.value;
      if (outcome.accepted) return holds;
      const end = outcome.decisive.outcome;
      return notShown(end.kind === 'client-stopped' ? end.message : 'it was refused');
    },
  },
  {
    claim: 'the server that answers is the right one',
    needs: ['primary'],
    rules: ['primary/is-standby'],
    answer: ({ facts }) => ifShown(factOf(facts, 'primary')),
  },
  {
    claim: 'its settings allow a base backup',
    needs: ['primarySettings'],
    rules: ['primary/no-wal-senders'],
    answer: ({ facts }) => ifShown(factOf(facts, 'primarySettings')),
  },
  {
    claim: 'the target directory is suitable',
    needs: ['baseBackup', 'targetDirectory'],
    rules: ['target/not-writable'],
    answer: ({ facts }) => {
      const command = ifSeen(factOf(facts, 'baseBackup'));
      // standard output, or a target of the server's own
      if (command !== undefined && (command.directory === undefined || command.directory === '-')) return holds;
      return ifShown(factOf(facts, 'targetDirectory'));
    },
  },
  {
    claim: 'a suitable pg_basebackup is installed',
    needs: ['clientTools'],
    rules: ['client/pg-basebackup-missing'],
    answer: ({ facts }) => {
      const tools = factOf(facts, 'clientTools');
      if (tools.status !== 'seen') return ifShown(tools);
      return tools.value.chosen === undefined ? notShown('not found') : holds;
    },
  },
];

const ifShown = (fact: Observed<unknown>): Answer =>
  fact.status === 'seen' ? holds : notShown(fact.status === 'unseen' ? fact.why.because : fact.why);
