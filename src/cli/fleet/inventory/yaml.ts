import { UsageError } from '../../usage-error.ts';
import type { Inventory } from './inventory.ts';
import { objectOf } from './inventory.ts';

/** The targets of a configuration, written in YAML. */
export const yaml: Inventory = {
  kind: 'yaml',
  value: 'FILE',
  does: 'targets as in standbylint.config.json, in YAML',
  each: {},
  read: async (file, ask) => {
    const text = await ask.file(file);
    const { parsedYaml } = await import('./yaml-text.ts');
    let targets: unknown;
    try {
      ({ targets } = objectOf(parsedYaml(text)));
    } catch (error) {
      // behind the first line it shows the text, which may be anything
      const [said = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      throw new UsageError(`${file} is not YAML: ${said.replace(/:$/u, '')}.`);
    }
    if (targets === undefined)
      throw new UsageError(`${file} has no key "targets".`, 'It is that of standbylint.config.json.');
    return Object.entries(objectOf(targets)).map(([name, options]) => ({
      name,
      values: {},
      options: objectOf(options),
    }));
  },
};
