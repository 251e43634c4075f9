import { packageSets } from '../runtime/contract/packageSet.ts';
import { logLevels } from '../runtime/log.ts';
import {
  choice,
  number,
  optional,
  path,
  port,
  text,
  url,
  type Values,
  withDefault,
} from '../runtime/options.ts';
import { decoratorOptions } from './decorator/configuration.ts';
import { pinnedNixpkgs } from './pinnedNixpkgs.ts';
import { policyOptions } from './policy/configuration.ts';

export const hookOptions = {
  'keeper-url': url("The keeper's internal port."),
  'keeper-token-file': path('FILE', 'Holds the token that the keeper asks for.'),
  'token-file': path('FILE', 'Holds the token that Metacontroller shows.'),
  host: withDefault(text('ADDRESS', 'The address to listen on.'), '0.0.0.0'),
  port: withDefault(port('The port to listen on; 0 takes a free one.'), 8080),
  'registry-host': withDefault(
    text('HOST', 'Host and port by which nodes pull images; it stands in the status.'),
    'localhost:5001',
  ),
  'builder-image': withDefault(text('IMAGE', 'The image that builder Pods run.'), 'niximage:latest'),
  nixpkgs: withDefault(
    text('PLACE', 'What <nixpkgs> stands for in builds: a path, or the URL of a tarball.'),
    pinnedNixpkgs,
    'a pinned release',
  ),
  'package-set': withDefault(
    choice(packageSets, 'Whether that is nixpkgs, or the offline set of a demonstration.'),
    'nixpkgs',
  ),
  'builder-cpu': withDefault(text('QUANTITY', 'The CPU that a builder asks for.'), '500m'),
  'builder-memory': withDefault(
    text('QUANTITY', 'The memory that a builder asks for and is held to.'),
    '2Gi',
  ),
  'builder-storage': withDefault(text('QUANTITY', 'The room for /nix and /tmp of a builder.'), '20Gi'),
  'builder-timeout': withDefault(
    number('SECONDS', 'How long a build may take.', { minimum: 10, maximum: 86_400 }),
    3600,
  ),
  'builder-proxy': optional(url('The HTTP proxy through which builders fetch.')),
  'builder-proxy-except': optional(
    text('HOSTS', 'Hosts that builders reach without the proxy, with commas between them.'),
  ),
  'builder-certificates': optional(
    path('FILE', 'Certificates, as PEM, that builders trust beside the usual ones.'),
  ),
  ...policyOptions,
  ...decoratorOptions,
  'log-level': withDefault(choice(logLevels, 'Which events are logged.'), 'info'),
};

export type HookValues = Values<typeof hookOptions>;
