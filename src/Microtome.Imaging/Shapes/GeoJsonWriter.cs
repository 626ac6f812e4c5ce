using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Microtome.Imaging;

/// <summary>
/// Streams a FeatureCollection: memory does not grow with the number of objects. The same features give the same bytes.
/// QuPath reads the result (File, Import objects from file).
/// </summary>
public sealed class GeoJsonWriter : IDisposable
{
    private const int FlushBytes = 1 << 16;
    private readonly Utf8JsonWriter json;
    private readonly string scope;
    private bool complete;

    /// <summary>Begins the collection.</summary>
    /// <param name="stream">Receives UTF-8 text; stays open. A gzip stream is fine.</param>
    /// <param name="scope">What the identities of features without one derive from: the slide and the kind of objects.</param>
    public GeoJsonWriter(Stream stream, string scope)
    {
        json = new Utf8JsonWriter(stream);
        this.scope = scope;
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
    }

    /// <summary>The number of features written so far.</summary>
    public long Count { get; private set; }

    /// <summary>An identity that depends on the two arguments alone (version 8 UUID: the first 122 free bits of their SHA-256).</summary>
    public static Guid DeterministicId(string scope, long index)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(null, $"{scope}/{index}")), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>Writes one feature. Coordinates are rounded to 1/1000 pixel.</summary>
    /// <exception cref="ArgumentException">The feature has no polygon or a coordinate is not finite.</exception>
    public void Write(GeoJsonFeature feature)
    {
        if (feature.Polygons.Count == 0)
            throw new ArgumentException("A feature needs at least one polygon.", nameof(feature));
        json.WriteStartObject();
        json.WriteString("type", "Feature");
        json.WriteString("id", feature.Id ?? DeterministicId(scope, Count));
        json.WriteStartObject("geometry");
        json.WriteString("type", feature.Polygons.Count == 1 ? "Polygon" : "MultiPolygon");
        json.WritePropertyName("coordinates");
        if (feature.Polygons.Count == 1)
        {
            WritePolygon(feature.Polygons[0]);
        }
        else
        {
            json.WriteStartArray();
            foreach (var polygon in feature.Polygons)
                WritePolygon(polygon);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        WriteProperties(feature);
        json.WriteEndObject();
        Count++;
        if (json.BytesPending > FlushBytes)
            json.Flush();
    }

    /// <summary>Ends the collection; without it the text is not valid JSON.</summary>
    public void Complete()
    {
        if (complete)
            return;
        complete = true;
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>Releases the writer; does not complete the collection, so that a failure never looks like a whole file.</summary>
    public void Dispose()
    {
        if (!complete)
            json.Reset(Stream.Null);
        json.Dispose();
    }

    private void WriteProperties(GeoJsonFeature feature)
    {
        json.WriteStartObject("properties");
        if (feature.IsLocked)
            json.WriteBoolean("isLocked", value: true);
        json.WriteString("objectType", feature.ObjectType);
        if (feature.Name is not null)
            json.WriteString("name", feature.Name);
        if (feature.ClassName is not null)
        {
            json.WriteStartObject("classification");
            json.WriteString("name", feature.ClassName);
            if (feature.ClassColor is var (r, g, b))
            {
                json.WriteStartArray("color");
                json.WriteNumberValue(r);
                json.WriteNumberValue(g);
                json.WriteNumberValue(b);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        if (feature.Measurements.Count > 0)
        {
            json.WriteStartObject("measurements");
            foreach (var (name, value) in feature.Measurements)
            {
                if (!double.IsFinite(value))
                    continue;

                // Most measurements are rounded to four decimals, which are written faster than shortest doubles are found; the digits are the same.
                if (Math.Abs(value) < 1e9 && Math.Round(value * 10_000) / 10_000 == value)
                {
                    json.WritePropertyName(name);
                    var text = new FixedText(1);
                    text.Add(value, 10_000);
                    json.WriteRawValue(text.Written, skipInputValidation: true);
                    text.Release();
                }
                else
                {
                    json.WriteNumber(name, value);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void WritePolygon(Polygon polygon)
    {
        json.WriteStartArray();
        WriteRing(polygon.Exterior);
        foreach (var hole in polygon.Holes)
            WriteRing(hole);
        json.WriteEndArray();
    }

    private void WriteRing(Vertex[] ring)
    {
        // Three quarters of a file are coordinates: a ring is formatted in one go, which is several times faster than number by number.
        var text = new FixedText(ring.Length + 1);
        text.Add('[');
        for (var i = 0; i <= ring.Length; i++)
        {
            var vertex = ring[i == ring.Length ? 0 : i];
            if (!double.IsFinite(vertex.X) || !double.IsFinite(vertex.Y))
                throw new ArgumentException($"The vertex ({vertex.X}, {vertex.Y}) is not finite.", nameof(ring));
            text.Add(i == 0 ? '[' : ',');
            if (i > 0)
                text.Add('[');
            text.Add(vertex.X);
            text.Add(',');
            text.Add(vertex.Y);
            text.Add(']');
        }

        text.Add(']');
        json.WriteRawValue(text.Written, skipInputValidation: true);
        text.Release();
    }

    /// <summary>Text in a pooled buffer; numbers rounded to decimals and without trailing zeros.</summary>
    private ref struct FixedText(int vertices)
    {
        private const int LongestVertex = 64;
        private readonly byte[] buffer = ArrayPool<byte>.Shared.Rent((vertices * LongestVertex) + 2);
        private int length;

        public readonly ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

        public readonly void Release() => ArrayPool<byte>.Shared.Return(buffer);

        public void Add(char c) => buffer[length++] = (byte)c;

        public void Add(double value, int parts = 1000)
        {
            var scaled = Math.Round(value * parts);
            if (Math.Abs(scaled) >= 1e15)
            {
                // Beyond exact integers; no slide is that large.
                Utf8Formatter.TryFormat(value, buffer.AsSpan(length), out var written);
                length += written;
                return;
            }

            var whole = (long)Math.Abs(scaled);
            if (scaled < 0)
                Add('-');
            Utf8Formatter.TryFormat(whole / parts, buffer.AsSpan(length), out var digits);
            length += digits;
            var rest = (int)(whole % parts);
            if (rest == 0)
                return;
            Add('.');
            while (rest != 0)
            {
                parts /= 10;
                Add((char)('0' + (rest / parts)));
                rest %= parts;
            }
        }
    }
}
