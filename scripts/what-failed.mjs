/**
 * A reporter for vitest that leaves, in the file `WHAT_FAILED` names, how many tests passed, failed and were skipped, and
 * what every failure said: `{ passed, failed, skipped, failures: string[] }`. What failed outside a test (a file that
 * could not be loaded, a room that did not come up, an error nobody caught) counts as one failure.
 */
import { writeFileSync } from 'node:fs';

/** What it says and where, not the whole way to it. */
const MAX_LINES = 12;

export default class WhatFailed {
	onTestRunEnd(files, uncaught) {
		const tests = files.flatMap((file) => [...file.children.allTests()]);
		const count = (state) => tests.filter((test) => test.result().state === state).length;
		const places = files.flatMap((file) => [file, ...file.children.allSuites()]);
		const failures = [
			...places.flatMap((place) => told(nameOf(place), place.errors())),
			...tests.flatMap((test) => told(nameOf(test), test.result().errors)),
			...uncaught.flatMap((error) => told('outside the tests', [error]))
		];
		const sum = { passed: count('passed'), failed: failures.length, skipped: count('skipped') };
		writeFileSync(process.env.WHAT_FAILED, JSON.stringify({ ...sum, failures }));
	}
}

const nameOf = (place) =>
	place.type === 'module'
		? place.relativeModuleId
		: `${place.module.relativeModuleId} > ${place.fullName}`;

function told(name, errors = []) {
	if (errors.length === 0) return [];
	const lines = errors.flatMap(({ message, stack }) => [
		...String(message).split('\n'),
		...String(stack ?? '')
			.split('\n')
			.filter(isOurs)
	]);
	return [[`Failed: ${name}`, ...lines.slice(0, MAX_LINES)].join('\n\t')];
}

/** A place in our own code; the message stands at the head of the stack as well. */
const isOurs = (line) => line.trim().startsWith('at ') && !line.includes('node_modules');
