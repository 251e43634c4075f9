import { type Row, ratioRow, timesRow } from '../row.ts';
import { type Content, digestOf, fallbackTag, referrerCount, tagCount } from './content.ts';
import type { Case, Role, Series } from './series.ts';

export const mebibyte = 1_048_576;
export const app = '/v2/bench/app';

/** Connections at once. */
const levels = [1, 8, 64] as const;

export function casesOf({ blobs, digest }: Content): readonly Case[] {
  return levels
    .flatMap((connections) => [
      ...[...blobs].map(([name, bytes]) => ({
        name: `blob ${name}, ${connections}`,
        path: `${app}/blobs/${digestOf(bytes)}`,
        connections,
      })),
      { name: `tag, ${connections}`, path: `${app}/manifests/v1`, connections },
      { name: `HEAD tag, ${connections}`, path: `${app}/manifests/v1`, connections, isHead: true },
      { name: `digest, ${connections}`, path: `${app}/manifests/${digest}`, connections },
      ...(connections === 8
        ? [
            { name: 'tags', path: '/v2/bench/many/tags/list', connections, without: ['nginx'] as const },
            {
              name: 'referrers',
              path: `${app}/referrers/${digest}`,
              peerPath: `${app}/manifests/${fallbackTag(digest)}`,
              connections,
              without: ['nginx'] as const,
            },
          ]
        : []),
    ])
    .map(withFewServers);
}

/** nginx in front is of use for large blobs; over TLS, a small and a large answer say enough. */
function withFewServers(each: Case): Case {
  const isLarge = each.name.startsWith('blob 256 MiB');
  const isOverTls = each.name === 'blob 256 MiB, 8' || each.name === 'tag, 8';
  const without: readonly Role[] = [
    ...(each.without ?? []),
    ...(isLarge ? [] : (['accelerated'] as const)),
    ...(isOverTls ? [] : (['oneTls', 'distributionTls'] as const)),
  ];
  return { ...each, without };
}

export function blobRows(series: Series, { blobs }: Content): readonly Row[] {
  const least: Readonly<Record<string, readonly [number, number, number]>> = {
    '1 KiB': [8, 8, 8],
    '1 MiB': [3, 3, 3],
    '256 MiB': [1, 1.2, 1.2],
  };
  const rows = [...blobs.keys()].flatMap((size) =>
    levels.flatMap((connections, index) => {
      const name = `blob ${size}, ${connections}`;
      const text = `${size}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
      const ours = series.bytesPerSecond('one', name) / mebibyte;
      return [
        timesRow(
          `blob of ${text}, against the better registry`,
          'MiB/s',
          ours,
          series.bestRegistry('bytesPerSecond', name) / mebibyte,
          least[size]?.[index],
        ),
        timesRow(
          `blob of ${text}, 2 processes`,
          'MiB/s',
          series.bytesPerSecond('two', name) / mebibyte,
          series.bestRegistry('bytesPerSecond', name) / mebibyte,
        ),
        timesRow(
          `blob of ${text}, against nginx`,
          'MiB/s',
          ours,
          series.bytesPerSecond('nginx', name) / mebibyte,
        ),
      ];
    }),
  );
  return [
    ...rows,
    ...levels.map((connections) => {
      const name = `blob 256 MiB, ${connections}`;
      return ratioRow(
        `CPU for a blob of 256 MiB, ${connections}, against docker-registry`,
        's/GB',
        series.cpuPerGigabyte('one', name),
        series.cpuPerGigabyte('docker', name),
        1,
      );
    }),
    ...levels.map((connections) => {
      const name = `blob 256 MiB, ${connections}`;
      return ratioRow(
        `CPU for it with nginx in front, ${connections}, against docker-registry`,
        's/GB',
        series.cpuPerGigabyte('accelerated', name),
        series.cpuPerGigabyte('docker', name),
        0.5,
      );
    }),
    timesRow(
      'blob of 256 MiB over TLS, 8 connections, against distribution',
      'MiB/s',
      series.bytesPerSecond('oneTls', 'blob 256 MiB, 8') / mebibyte,
      series.bytesPerSecond('distributionTls', 'blob 256 MiB, 8') / mebibyte,
    ),
  ];
}

export function manifestRows(series: Series): readonly Row[] {
  const least = [4, 5, 5] as const;
  const rows = levels.flatMap((connections, index) =>
    (['tag', 'HEAD tag', 'digest'] as const).flatMap((kind) => {
      const name = `${kind}, ${connections}`;
      const ours = series.requestsPerSecond('one', name);
      return [
        timesRow(
          `manifest by ${kind}, ${connections}, against distribution`,
          'req/s',
          ours,
          series.requestsPerSecond('distribution', name),
          least[index],
        ),
        timesRow(
          `manifest by ${kind}, ${connections}, against docker-registry`,
          'req/s',
          ours,
          series.requestsPerSecond('docker', name),
          10,
        ),
      ];
    }),
  );
  const name = 'tag, 64';
  return [
    ...rows,
    timesRow(
      'manifest by tag, 64, 2 processes, against distribution',
      'req/s',
      series.requestsPerSecond('two', name),
      series.requestsPerSecond('distribution', name),
      8,
    ),
    timesRow(
      `tags/list of ${tagCount} tags, 8, against the better registry`,
      'req/s',
      series.requestsPerSecond('one', 'tags'),
      series.bestRegistry('requestsPerSecond', 'tags'),
      100,
    ),
    timesRow(
      `referrers, ${referrerCount}, 8, against the better registry's index`,
      'req/s',
      series.requestsPerSecond('one', 'referrers'),
      series.bestRegistry('requestsPerSecond', 'referrers'),
      100,
    ),
    timesRow(
      'manifest by tag over TLS, 8, against distribution',
      'req/s',
      series.requestsPerSecond('oneTls', 'tag, 8'),
      series.requestsPerSecond('distributionTls', 'tag, 8'),
    ),
  ];
}
