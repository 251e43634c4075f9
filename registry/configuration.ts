import { logLevels } from '../runtime/log.ts';
import {
  bounded,
  choice,
  duration,
  flag,
  number,
  optional,
  parsed,
  path,
  port,
  text,
  withDefault,
} from '../runtime/options.ts';

const shared = {
  store: path('FOLDER', 'The volume that holds the images.'),
  host: withDefault(text('ADDRESS', 'The address to listen on.'), '0.0.0.0'),
  initialise: flag('Mark the volume as ours where it is empty. Without its mark a volume is not used.'),
  drain: withDefault(duration('How long running requests may go on after SIGTERM.'), 60_000, '60s'),
  'log-level': withDefault(
    choice(logLevels, 'Each request is logged at debug, refused ones at info.'),
    'info',
  ),
};

export const serveOptions = {
  ...shared,
  port: withDefault(port('The port to listen on; 0 takes a free one.'), 5000),
  cache: withDefault(
    number('MIB', 'Memory for manifests and small blobs, in MiB.', { minimum: 0, maximum: 16_384 }),
    32,
  ),
  processes: withDefault(
    number('COUNT', 'Processes that serve, about one a core.', { minimum: 1, maximum: 64 }),
    1,
  ),
  'x-accel': optional(
    parsed(
      'PREFIX',
      'Where nginx in front has the volume, which sends files then: X-Accel-Redirect.',
      (prefix) =>
        /^\/(?:[\w.-]+\/)+$/.test(prefix)
          ? { ok: true, value: prefix }
          : { ok: false, expected: 'a path of its configuration such as /_volume/' },
    ),
  ),
  wait: withDefault(
    bounded(
      duration('How long a request for an image that is being built is held, up to 20s.'),
      20_000,
      'a time up to 20s',
    ),
    0,
    '0s',
  ),
  requests: withDefault(
    number('COUNT', 'Requests that a process answers at once; more are answered 429.', {
      minimum: 1,
      maximum: 1_000_000,
    }),
    2000,
  ),
  'access-file': optional(
    path(
      'FILE',
      'Who may read and write: lines of a namespace or *, read or write, and the SHA-256 of a token.',
    ),
  ),
  'tls-cert-file': optional(path('FILE', 'Serve https with this certificate (PEM).')),
  'tls-key-file': optional(path('FILE', "The certificate's key (PEM).")),
  'push-token-file': optional(
    path('FILE', 'Lets whoever shows the token in it push and delete; the volume must be writable then.'),
  ),
};

export const initialiseOptions = { store: shared.store };

export const keeperOptions = {
  ...shared,
  port: withDefault(port('The port to listen on; 0 takes a free one.'), 5002),
  'token-file': path('FILE', 'Holds the token that the hook shows.'),
  builds: withDefault(
    number('COUNT', 'How many images may be built at once; the others wait. 0 for as many as come.', {
      minimum: 0,
      maximum: 10_000,
    }),
    0,
  ),
  'build-patience': withDefault(
    duration('For how long a build keeps its place whose Pod does not run; then another goes first.'),
    30_000,
    '30s',
  ),
  'collect-every': withDefault(
    duration('How often what no image names any more is collected; 0s for never.'),
    3_600_000,
    '1h',
  ),
  'scrub-every': withDefault(
    duration('How often each blob is read and compared with its name; 0s for never.'),
    604_800_000,
    '168h',
  ),
};
