/**
 * Takes the place of `@daily-co/daily-js` in the bundle (see vite.config.ts).
 *
 * The transports import Daily's SDK for their default media manager; ours is always given, so
 * nothing ever reads this.
 */
export default undefined;
