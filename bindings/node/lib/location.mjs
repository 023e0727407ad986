/** A place, from the list that the addon makes of it. By index: an iterator would take several times as long. */
const location = ({ 0: origin, 1: variable, 2: path, 3: line, 4: outcome, 5: masked, 6: reason, 7: text }) => ({
  origin,
  variable,
  path,
  line,
  outcome,
  masked,
  reason,
  text,
});

const locations = (found) => Array.from(found, (one) => location(one));

export { location, locations };
