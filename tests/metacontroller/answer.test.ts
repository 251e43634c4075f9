import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HookAnswer, parseAnswer } from '../../metacontroller/embedded/controller/answer.ts';

const nothing: HookAnswer = { status: {}, children: [], resyncAfterSeconds: 0, finalized: false };
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } };

const good: readonly { readonly reason: string; readonly text: string; readonly answer: HookAnswer }[] = [
  { reason: 'all that may be absent is', text: '{}', answer: nothing },
  { reason: 'Go decodes null into nothing', text: 'null', answer: nothing },
  {
    reason: 'a field that is null is as one that is absent',
    text: '{"status":null,"children":null,"resyncAfterSeconds":null,"finalized":null}',
    answer: nothing,
  },
  {
    reason: 'all of it',
    text: JSON.stringify({ status: { a: [1] }, children: [pod], resyncAfterSeconds: 0.5, finalized: true }),
    answer: { status: { a: [1] }, children: [pod], resyncAfterSeconds: 0.5, finalized: true },
  },
  {
    reason: 'what else a child lacks is seen when it is made',
    text: '{"children":[{"kind":"Pod"}]}',
    answer: { ...nothing, children: [{ kind: 'Pod' }] },
  },
];

const bad: readonly { readonly reason: string; readonly text: string; readonly message: RegExp }[] = [
  { reason: 'no JSON', text: '<html>', message: /can't unmarshal webhookResponse: it is no JSON/ },
  { reason: 'nothing at all', text: '', message: /it is no JSON/ },
  { reason: 'a list', text: '[]', message: /the answer must be an object, not a list/ },
  { reason: 'a text', text: '"ok"', message: /the answer must be an object, not a string/ },
  {
    reason: 'a status of text',
    text: '{"status":"Built"}',
    message: /status must be an object, not a string/,
  },
  { reason: 'a status of many', text: '{"status":[{}]}', message: /status must be an object, not a list/ },
  {
    reason: 'children by name',
    text: '{"children":{"x":{}}}',
    message: /children must be a list, not an object/,
  },
  { reason: 'no child', text: '{"children":[null]}', message: /children\[0\] must be an object, not null/ },
  {
    reason: 'the second child is wrong',
    text: JSON.stringify({ children: [pod, { ...pod, kind: 7 }] }),
    message: /children\[1\] has no kind/,
  },
  {
    reason: 'seconds in words',
    text: '{"resyncAfterSeconds":"5"}',
    message: /resyncAfterSeconds must be a number, not a string/,
  },
  {
    reason: 'finalized in words',
    text: '{"finalized":"true"}',
    message: /finalized must be true or false, not a string/,
  },
  {
    reason: 'a number for yes',
    text: '{"finalized":1}',
    message: /finalized must be true or false, not a number/,
  },
  {
    reason: 'an unknown field',
    text: '{"resyncAfter":5}',
    message: /strict validation failed: unknown field "resyncAfter"/,
  },
  { reason: 'names are told apart by case', text: '{"Status":{}}', message: /unknown field "Status"/ },
];

describe("the hook's answer", () => {
  for (const { reason, text, answer } of good)
    test(`is taken: ${reason}`, () => assert.deepEqual(parseAnswer(text), answer));
  for (const { reason, text, message } of bad)
    test(`is refused: ${reason}`, () =>
      assert.throws(() => parseAnswer(text), { name: 'SyncError', code: 'HOOK_ANSWER', message }));
});
