const variable = 'STANDBYLINT_NEW_PASSWORD';

/**
 * The password that --fix is to give a role. It is taken out of our environment before anything is started: a program
 * that we run, and a server above all, would keep it in its own.
 */
export const givenNewPassword = process.env[variable] ?? '';
delete process.env[variable];
