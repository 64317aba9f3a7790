// How the engines' Java reporters print numbers and names, down to the form of an exponent.

/** As Double.toString, with Go's names for NaN and infinities: 1 → "1.0", 12345678 → "1.2345678E7". */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-3 && magnitude < 1e7)) return withFraction(String(value));
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  return `${withFraction(mantissa)}E${Number(exponent)}`;
}

/** Both reporters turn every character that a metric name must not contain into an underscore. */
export function withoutSpecialCharacters(text: string): string {
  return text.replace(/[^a-zA-Z0-9:_]/g, '_');
}

function withFraction(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`;
}
