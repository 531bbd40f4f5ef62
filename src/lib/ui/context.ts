/** What every screen may ask for, provided once by the root layout. */
import type { AppState } from '#lib/app/state/app-state.svelte.ts';
import { createContext } from 'svelte';
import type { Language } from './language.svelte.ts';

export const [useApp, provideApp] = createContext<AppState>();
export const [useLanguage, provideLanguage] = createContext<Language>();
