import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decoratorOptions, decoratorSettings } from '../../../hooks/decorator/configuration.ts';
import type { DecoratorSettings } from '../../../hooks/decorator/decorate.ts';
import { readOptions } from '../../../runtime/options.ts';

function settings(environment: Readonly<Record<string, string>>): DecoratorSettings | undefined {
  return decoratorSettings(readOptions(decoratorOptions, { words: [], environment }).values);
}

describe("the volume of the hook's configuration", () => {
  test('without a path there is none', () => {
    assert.equal(settings({ NIXIMAGE_VOLUME_NODE: 'one' }), undefined);
  });

  test('a node', () => {
    const read = settings({ NIXIMAGE_VOLUME_PATH: '/srv/images/', NIXIMAGE_VOLUME_NODE: 'one' });
    assert.deepEqual(read?.volume, {
      kind: 'HostPath',
      node: 'one',
      path: '/srv/images',
      size: '100Gi',
      mountOptions: [],
    });
    assert.ok(read.egress.except.includes('169.254.0.0/16'));
    assert.deepEqual(read.egress.allow, []);
  });

  test('a server, and lists', () => {
    const read = settings({
      NIXIMAGE_VOLUME_PATH: '/export',
      NIXIMAGE_VOLUME_SERVER: 'nfs.example',
      NIXIMAGE_VOLUME_MOUNT_OPTIONS: 'nfsvers=4.1, acdirmax=1',
      NIXIMAGE_BUILDER_EGRESS_EXCEPT: '10.0.0.0/8',
      NIXIMAGE_BUILDER_EGRESS_ALLOW: '10.1.2.3/32',
    });
    assert.deepEqual(read, {
      volume: {
        kind: 'Nfs',
        server: 'nfs.example',
        path: '/export',
        size: '100Gi',
        mountOptions: ['nfsvers=4.1', 'acdirmax=1'],
      },
      egress: { except: ['10.0.0.0/8'], allow: ['10.1.2.3/32'] },
    });
  });

  for (const environment of [
    { NIXIMAGE_VOLUME_PATH: '/srv' },
    { NIXIMAGE_VOLUME_PATH: '/srv', NIXIMAGE_VOLUME_NODE: 'one', NIXIMAGE_VOLUME_SERVER: 'two' },
  ])
    test(`${Object.keys(environment).length} of three settings are refused`, () => {
      assert.throws(() => settings(environment), /either --volume-node.*or --volume-server/);
    });
});
