// npm run demo: everything that `standbylint demo` needs, and then that.
import { join } from 'node:path';

import { main, quarters, run, setUp } from './set-up.mjs';

await main(async () => {
  await setUp();
  const { folder, node, user, done } = await quarters(['package.json', 'dist', 'docs/rules', 'schemas']);
  const asUser =
    user === null
      ? {}
      : { uid: user.uid, gid: user.gid, cwd: '/', env: { ...process.env, HOME: '/nonexistent', USER: user.name } };
  try {
    return await run(node, [join(folder, 'dist', 'standbylint.js'), 'demo', ...process.argv.slice(2)], asUser);
  } finally {
    done();
  }
});
