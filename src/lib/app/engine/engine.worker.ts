/** The engine in its own thread: channels, core, signing and encoding, away from the busy page. */
import { createTalk } from './talk.ts';
import { createEngine, type Engine } from './engine.ts';
import type { FromEngine, ToEngine } from './messages.ts';
