import { parsedJson } from './json.ts';
import type { Inventory } from './inventory.ts';
import { listOf, objectOf, valuesOf } from './inventory.ts';

/** The pods of a selector: whether a standby of each could be made, or a post-mortem within each. */
export const kubectl: Inventory = {
  kind: 'kubectl',
  value: '[NAMESPACE/]SELECTOR',
  does: 'pods by "kubectl get pods --selector": whether a standby of each could be made, or with --each command=postmortem what is wrong with each',
  each: {
    command: 'preflight',
    host: '{host}',
    port: '{port}',
    pgdata: '/tmp/standby',
    'wal-method': 'stream',
    'write-recovery-conf': true,
  },
  eachPostmortem: { pgdata: 'kubectl:{namespace}/{pod}' },
  read: async (value, ask) => {
    // the key of a label may have a slash, and then a dot before it
    const [, namespace, selector = ''] = /^(?:([a-z0-9-]+)\/)?(.*)$/su.exec(value) ?? [];
    const words = ['get', 'pods', ...(namespace === undefined ? [] : [`--namespace=${namespace}`])];
    const answer = await ask.program('kubectl', [...words, `--selector=${selector}`, '--output=json']);
    return listOf(objectOf(parsedJson(answer, 'kubectl'))['items']).map((item) => {
      const { metadata, spec, status } = objectOf(item);
      const { name, namespace: of, labels } = objectOf(metadata);
      const ports = listOf(objectOf(spec)['containers'])
        .flatMap((container) => listOf(objectOf(container)['ports']))
        .map(objectOf);
      const port = ports.find((one) => /^(?:postgres(?:ql)?|pg)$/u.test(String(one['name']))) ?? ports[0];
      const { role = objectOf(labels)['cnpg.io/instanceRole'] } = objectOf(labels);
      return {
        name: `${String(of)}/${String(name)}`,
        values: valuesOf({
          ...{ pod: name, namespace: of, role, host: objectOf(status)['podIP'] },
          port: port?.['containerPort'] ?? '5432',
        }),
      };
    });
  },
};
