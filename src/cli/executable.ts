/**
 * What runs in the single executable (scripts/executable.mjs), where Node.js and the program are one file: the program,
 * or, as Node.js itself does after `-e`, a script. The program starts one in a child process where another user of this
 * machine has to open a socket (src/hosts/socket-of-user.ts).
 */
const [, , flag, script = ''] = process.argv;
if (flag === '-e') {
  // after -e, Node.js has the arguments from 1 on
  process.argv.splice(1, 3);
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
  new Function('require', script)(require);
} else {
  void import('./main.ts');
}
