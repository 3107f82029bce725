// npm run demo: everything that `standbylint demo` needs, and then that.
import { join } from 'node:path';

import { checkout, main, quarters, run, setUp } from './set-up.mjs';

const words = process.argv.slice(2);
const inContainers = words.some((word) => word.startsWith('--docker'));

await main(async () => {
  await setUp({ postgres: !inContainers });
  // whoever may talk to Docker is the one who types this
  if (inContainers) return run(process.execPath, [join(checkout, 'dist', 'standbylint.js'), 'demo', ...words]);
  const { folder, node, user, done } = await quarters(['package.json', 'dist', 'docs/rules', 'schemas']);
  const asUser =
    user === null
      ? {}
      : { uid: user.uid, gid: user.gid, cwd: '/', env: { ...process.env, HOME: '/nonexistent', USER: user.name } };
  try {
    return await run(node, [join(folder, 'dist', 'standbylint.js'), 'demo', ...words], asUser);
  } finally {
    done();
  }
});
