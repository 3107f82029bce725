import { describe, expect, it } from 'vitest';

import { optionsOf } from '../../src/hosts/container-options.ts';

/** As Docker 28 tells of `docker run --network shop postgres:15`. */
const found = (
  host: Readonly<Record<string, unknown>> = {},
  config: Readonly<Record<string, unknown>> = {},
  networks: Readonly<Record<string, unknown>> = { shop: { IPAMConfig: null, Aliases: null } },
) => ({
  Id: '174c817da8e60123456789',
  Config: { Hostname: '174c817da8e6', User: '', Image: 'postgres:15', StopSignal: 'SIGINT', ...config },
  NetworkSettings: { Networks: networks },
  HostConfig: {
    Binds: ['/srv/data:/var/lib/postgresql/data'],
    LogConfig: { Type: 'json-file', Config: {} },
    NetworkMode: 'shop',
    PortBindings: {},
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    CgroupnsMode: 'private',
    IpcMode: 'private',
    Runtime: 'runc',
    ConsoleSize: [0, 0],
    ShmSize: 67_108_864,
    Memory: 0,
    MemorySwap: 0,
    MemorySwappiness: null,
    Ulimits: [],
    Devices: null,
    CapAdd: null,
    MaskedPaths: ['/proc/kcore'],
    ...host,
  },
});
const plain = ['--network', 'shop', '--stop-signal', 'SIGINT'];

describe('the options that make a container like another one', () => {
  it('are those that differ from what Docker gives', () => {
    expect(optionsOf(found())).toEqual(plain);
    const labels = { 'backup.keep': '7', 'org.opencontainers.image.version': '17', maintainer: 'x' };
    expect(optionsOf(found({}, { StopTimeout: 120, Labels: labels }))?.join(' ')).toContain(
      '--stop-timeout 120 --label backup.keep=7',
    );
    expect(optionsOf(found({}, { Labels: labels }))?.join(' ')).not.toMatch(/opencontainers|maintainer/u);
    expect(optionsOf(found({}, { Labels: { 'proxy.auth': 'token=x' } }))).toBeUndefined();
    const all = found(
      {
        PortBindings: { '5432/tcp': [{ HostIp: '127.0.0.1', HostPort: '5433' }], '53/udp': [{ HostPort: '53' }] },
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        ShmSize: 65_536,
        Memory: 1_073_741_824,
        MemorySwap: 2_147_483_648,
        NanoCpus: 1_500_000_000,
        Init: true,
      },
      { User: '1000:1000', Hostname: 'db' },
      { shop: { IPAMConfig: {}, Aliases: ['db', '174c817da8e6'] } },
    );
    expect(optionsOf(all)?.join(' ')).toBe(
      '--network shop --network-alias db -p 127.0.0.1:5433:5432 -p 53:53/udp --restart on-failure:3 --shm-size 65536 --memory 1073741824 --cpus 1.5 --user 1000:1000 --hostname db --stop-signal SIGINT --init',
    );
  });

  it('name no network where that is the default one', () => {
    expect(optionsOf(found({ NetworkMode: 'bridge' }, { StopSignal: '' }, { bridge: { Aliases: null } }))).toEqual([]);
    expect(optionsOf(found({ NetworkMode: 'host' }, {}, { host: {} }))).toContain('host');
  });

  it.each([
    ['a capability', found({ CapAdd: ['SYS_PTRACE'] })],
    ['a tmpfs', found({ Tmpfs: { '/var/lib/postgresql/data': '' } })],
    ['a limit', found({ Ulimits: [{ Name: 'nofile', Hard: 1024, Soft: 1024 }] })],
    ['a host of its own', found({ ExtraHosts: ['db:10.0.0.1'] })],
    ['another log driver', found({ LogConfig: { Type: 'none', Config: {} } })],
    ['an option that is not known yet', found({ SomethingNew: 'x' })],
    ['less memory with swap', found({ Memory: 1_000_000, MemorySwap: 1_000_000 })],
    ['the network of another container', found({ NetworkMode: 'container:0123' }, {}, {})],
    ['two networks', found({}, {}, { shop: {}, other: {} })],
    ['an address of its own', found({}, {}, { shop: { IPAMConfig: { IPv4Address: '172.30.0.7' } } })],
    ['a health check', found({}, { Healthcheck: { Test: ['CMD', 'pg_isready'] } })],
  ])('are not known with %s', (_, container) => {
    expect(optionsOf(container)).toBeUndefined();
  });
});
