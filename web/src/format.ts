const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A number as people read it: four significant digits, thousands apart. */
export function number(value: number): string {
  if (!Number.isFinite(value))
    return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 10_000)
    return grouped.format(value);
  return String(Number(value.toPrecision(4)));
}

/** A share as per cent. */
export function percent(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '–' : `${(100 * value).toFixed(value < 0.1 ? 2 : 1)} %`;
}

/** A column's name in words: units stand in the names. */
export function words(name: string): string {
  return name
    .replace(/_per_mm2(?=_|$)/, ' per mm²').replace(/_mm2(?=_|$)/, ' (mm²)').replace(/_um2(?=_|$)/, ' (µm²)').replace(/_um(?=_|$)/, ' (µm)').replace(/_od(?=_|$)/, ' (OD)')
    .replaceAll('_', ' ').replace(/\btil\b/, 'TIL').trim();
}

/** A length of time in its two largest units. */
export function span(seconds: number): string {
  if (seconds < 60)
    return `${seconds < 10 ? Number(seconds.toPrecision(2)) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  return days > 0 ? `${days} d ${hours % 24} h` : hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
