import { OptionError, optional, path, text, type Values, withDefault } from '../../runtime/options.ts';
import type { DecoratorSettings } from './decorate.ts';
import type { VolumeSettings } from './volume.ts';

/** Private, shared and link-local addresses: a cluster's own lie there, and a cloud's metadata service. */
const privateRanges = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  'fe80::/10',
].join(',');

/** How labelled namespaces get their part of the volume. Without a path the hook serves no namespaces. */
export const decoratorOptions = {
  'volume-path': optional(
    path(
      'FOLDER',
      'Where the store lies, on the node or the NFS server; a folder below it for each namespace.',
    ),
  ),
  'volume-node': optional(text('NODE', 'The node whose disk that is.')),
  'volume-server': optional(text('HOST', 'The NFS server that has it.')),
  'volume-size': withDefault(text('QUANTITY', 'The size that volumes and claims name.'), '100Gi'),
  'volume-mount-options': withDefault(text('LIST', 'Mount options, with commas between them.'), '', 'none'),
  'builder-egress-except': withDefault(
    text('RANGES', 'Address ranges that builders do not reach, with commas between them.'),
    privateRanges,
  ),
  'builder-egress-allow': withDefault(
    text('RANGES', "Ranges that builders reach all the same, such as a proxy's."),
    '',
    'none',
  ),
};

type DecoratorValues = Values<typeof decoratorOptions>;

/**
 * The settings of the DecoratorController; undefined where there is no volume to give.
 * @throws {OptionError} where the volume is both a node's and a server's, or neither's.
 */
export function decoratorSettings(values: DecoratorValues): DecoratorSettings | undefined {
  const volumePath = values['volume-path'];
  if (volumePath === undefined) return undefined;
  return {
    volume: {
      path: volumePath.replace(/\/+$/, ''),
      size: values['volume-size'],
      mountOptions: list(values['volume-mount-options']),
      ...place(values),
    },
    egress: { except: list(values['builder-egress-except']), allow: list(values['builder-egress-allow']) },
  };
}

type Place =
  | Pick<Extract<VolumeSettings, { kind: 'HostPath' }>, 'kind' | 'node'>
  | Pick<Extract<VolumeSettings, { kind: 'Nfs' }>, 'kind' | 'server'>;

function place({ 'volume-node': node, 'volume-server': server }: DecoratorValues): Place {
  if (node !== undefined && server === undefined) return { kind: 'HostPath', node };
  if (server !== undefined && node === undefined) return { kind: 'Nfs', server };
  throw new OptionError(
    'with --volume-path, give either --volume-node, the node whose disk that is, or --volume-server, the NFS server',
  );
}

function list(words: string): string[] {
  return words
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
