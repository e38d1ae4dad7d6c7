import { useCallback, useEffect, useState } from 'react';

export type Loaded<T> = { readonly reload: () => void } & (
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly reason: string }
);

type State<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly reason: string };

/** Loads once, and again on `reload`. `load` must be the same function at each render. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<State<T>>({ state: 'loading' });
  const reload = useCallback(() => {
    load().then(
      (value) => setState({ state: 'ready', value }),
      (error: unknown) => setState({ state: 'failed', reason: String(error) }),
    );
  }, [load]);
  useEffect(reload, [reload]);
  return { ...state, reload };
}
