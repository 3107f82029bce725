/**
 * The names under which programs receive WAL for an archive: that of pg_receivewal, and of the one that Barman runs
 * (barman/config.py: streaming_archiver_name). Several may be told apart by what is behind it.
 */
const receivers = /^(?:pg_receivewal|pg_receivexlog|barman_receive_wal)(?:[-_]\w+)?$/iu;

export const isWalReceiverProgram = (applicationName: string): boolean => receivers.test(applicationName);
