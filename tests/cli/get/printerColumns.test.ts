import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { humanDuration } from '../../../cli/get/age.ts';
import { type PrinterColumn, printObjects } from '../../../cli/get/printerColumns.ts';
import { readPath } from '../../../cli/readPath.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const object = {
  metadata: { name: 'curl-and-jq', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: {
    state: 'Built',
    size: 12,
    conditions: [
      { type: 'Stalled', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
};

describe('JSON paths of printer columns', () => {
  const rows: readonly { readonly path: string; readonly value: unknown }[] = [
    { path: '.status.state', value: 'Built' },
    { path: '.status.conditions[0].type', value: 'Stalled' },
    { path: '.status.conditions[?(@.type=="Ready")].status', value: 'True' },
    { path: '.status.nothing.below', value: undefined },
    { path: '.status.constructor', value: undefined },
    { path: '..status', value: undefined },
  ];
  for (const { path, value } of rows) test(path, () => assert.equal(readPath(object, path), value));
});

test('objects are printed as kubectl does', () => {
  const columns: readonly PrinterColumn[] = [
    { name: 'Name', type: 'string', jsonPath: '.metadata.name', priority: 0 },
    { name: 'Status', type: 'string', jsonPath: '.status.state', priority: 0 },
    { name: 'Size', type: 'integer', jsonPath: '.status.size', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', priority: 0 },
  ];
  assert.deepEqual(printObjects([object, { metadata: { name: 'new' } }], columns, { wide: false, now }), [
    ['NAME', 'STATUS', 'AGE'],
    ['curl-and-jq', 'Built', '60m'],
    ['new', '', ''],
  ]);
  assert.deepEqual(printObjects([object], columns, { wide: true, now })[1], [
    'curl-and-jq',
    'Built',
    '12',
    '60m',
  ]);
});

describe('ages', () => {
  const minute = 60_000;
  const rows: readonly { readonly span: number; readonly text: string }[] = [
    { span: -1, text: '0s' },
    { span: 119_000, text: '119s' },
    { span: 5 * minute + 30_000, text: '5m30s' },
    { span: 6 * minute, text: '6m' },
    { span: 179 * minute, text: '179m' },
    { span: 200 * minute, text: '3h20m' },
    { span: 26 * 60 * minute, text: '26h' },
    { span: 53 * 60 * minute, text: '2d5h' },
    { span: 400 * 24 * 60 * minute, text: '400d' },
  ];
  for (const { span, text } of rows) test(text, () => assert.equal(humanDuration(span), text));
});
