using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microtome.Imaging;
using SQLitePCL;

namespace Microtome.Pathology;

/// <summary>
/// Nuclei as a GeoPackage 1.3 (OGC 12-128r17): one polygon a nucleus in level-0 pixels (y down, undefined Cartesian system -1), its numbers as columns, and an R-tree.
/// QGIS, GDAL and any SQLite read it. The same nuclei in the same order give the same bytes: there is no time stamp but a fixed one.
/// </summary>
public static class NucleusGeoPackage
{
    private const string Layer = "nuclei";

    /// <summary>Writes the file; it appears under its name when it is complete. Memory does not grow with the number of nuclei.</summary>
    /// <param name="path">The file, usually <c>nuclei.gpkg</c>.</param>
    /// <param name="nuclei">The nuclei, read once.</param>
    /// <param name="cancellation">Stops the writing; nothing is left.</param>
    /// <returns>Number of nuclei.</returns>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static long Write(string path, IEnumerable<Nucleus> nuclei, CancellationToken cancellation = default)
    {
        long count = 0;
        AtomicFile.Write(path, temporary =>
        {
            try
            {
                count = WriteInPlace(temporary, nuclei, cancellation);
            }
            catch (SqliteException e)
            {
                throw new IOException($"{path} cannot be written: {e.Message} Check the space on its disk and the permissions of its folder.", e);
            }
        });
        return count;
    }

    private static long WriteInPlace(string path, IEnumerable<Nucleus> nuclei, CancellationToken cancellation)
    {
        var builder = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
        using var connection = new SqliteConnection(builder.ConnectionString);
        connection.Open();

        // The file is thrown away when anything fails, so it needs no journal.
        Execute(connection, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536;");
        Execute(connection, "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300;");
        Execute(connection, "BEGIN;");
        Execute(connection, GeoPackageSchema.Core);
        Execute(connection, GeoPackageSchema.FeatureTable(Layer));
        var (count, bounds) = Insert(connection, nuclei, cancellation);
        Execute(connection, GeoPackageSchema.Register(Layer, bounds));
        Execute(connection, GeoPackageSchema.Triggers(Layer));
        Execute(connection, "COMMIT;");
        return count;
    }

    private static (long Count, Bounds Bounds) Insert(SqliteConnection connection, IEnumerable<Nucleus> nuclei, CancellationToken cancellation)
    {
        var columns = NucleusColumns.All;
        var names = string.Join(", ", columns.Select(c => c.Name));
        var marks = string.Join(", ", Enumerable.Repeat("?", columns.Count + 3));

        // Statements by hand: with parameter objects the binding costs more than the insertion.
        using var row = new Statement(connection, $"INSERT INTO {Layer} (fid, geom, class, {names}) VALUES ({marks})");
        // The R-tree is built from its leaves up, into its own tables: inserting box by box costs as much as everything else.
        Execute(connection, $"DELETE FROM rtree_{Layer}_geom_node");
        using var node = new Statement(connection, $"INSERT INTO rtree_{Layer}_geom_node VALUES (?, ?)");
        using var parent = new Statement(connection, $"INSERT INTO rtree_{Layer}_geom_parent VALUES (?, ?)");
        using var leaf = new Statement(connection, $"INSERT INTO rtree_{Layer}_geom_rowid VALUES (?, ?)");
        var tree = new RTreeWriter(
            (number, data) =>
            {
                node.Bind(1, number);
                node.Bind(2, data);
                node.Step();
            },
            (number, above) => Pair(parent, number, above),
            (id, number) => Pair(leaf, id, number));
        var blob = new byte[1024];
        var all = Bounds.Empty;
        long count = 0;
        foreach (var nucleus in nuclei)
        {
            if ((++count & 0xFFF) == 0)
                cancellation.ThrowIfCancellationRequested();
            var bounds = Bounds.Of(nucleus.Polygon.Exterior);
            all = all.With(bounds);
            var length = Geometry(nucleus.Polygon, bounds, ref blob);
            row.Bind(1, count);
            row.Bind(2, blob.AsSpan(0, length));
            row.Bind(3, nucleus.Class);
            for (var i = 0; i < columns.Count; i++)
                row.Bind(i + 4, columns[i].Value(nucleus));
            row.Step();
            tree.Add(count, bounds.Left, bounds.Right, bounds.Top, bounds.Bottom);
        }

        tree.Complete();
        return (count, all);
    }

    private static void Pair(Statement statement, long first, long second)
    {
        statement.Bind(1, first);
        statement.Bind(2, second);
        statement.Step();
    }

    /// <summary>GeoPackageBinary: header with envelope, then well-known binary, all little endian.</summary>
    private static int Geometry(Polygon polygon, Bounds bounds, ref byte[] blob)
    {
        var length = 40 + 9 + RingLength(polygon.Exterior) + polygon.Holes.Sum(RingLength);
        if (blob.Length < length)
            blob = new byte[2 * length];
        var at = blob.AsSpan();
        "GP"u8.CopyTo(at);
        at[2] = 0; // version 1
        at[3] = 0b0000_0011; // envelope of x and y; little endian
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], -1);
        BinaryPrimitives.WriteDoubleLittleEndian(at[8..], bounds.Left);
        BinaryPrimitives.WriteDoubleLittleEndian(at[16..], bounds.Right);
        BinaryPrimitives.WriteDoubleLittleEndian(at[24..], bounds.Top);
        BinaryPrimitives.WriteDoubleLittleEndian(at[32..], bounds.Bottom);
        at[40] = 1; // little endian
        BinaryPrimitives.WriteInt32LittleEndian(at[41..], 3); // polygon
        BinaryPrimitives.WriteInt32LittleEndian(at[45..], 1 + polygon.Holes.Length);
        at = WriteRing(at[49..], polygon.Exterior);
        foreach (var hole in polygon.Holes)
            at = WriteRing(at, hole);
        return length;

        static int RingLength(Vertex[] ring) => 4 + (16 * (ring.Length + 1));
    }

    private static Span<byte> WriteRing(Span<byte> at, Vertex[] ring)
    {
        BinaryPrimitives.WriteInt32LittleEndian(at, ring.Length + 1);
        at = at[4..];
        for (var i = 0; i <= ring.Length; i++)
        {
            var vertex = ring[i % ring.Length];
            BinaryPrimitives.WriteDoubleLittleEndian(at, vertex.X);
            BinaryPrimitives.WriteDoubleLittleEndian(at[8..], vertex.Y);
            at = at[16..];
        }

        return at;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are this class's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    internal readonly record struct Bounds(double Left, double Top, double Right, double Bottom)
    {
        public static Bounds Empty => new(double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity);

        public static Bounds Of(ReadOnlySpan<Vertex> ring)
        {
            var bounds = Empty;
            foreach (var v in ring)
                bounds = bounds.With(new Bounds(v.X, v.Y, v.X, v.Y));
            return bounds;
        }

        public Bounds With(Bounds other) =>
            new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));

        /// <summary>min_x, min_y, max_x, max_y as SQL.</summary>
        public string Sql => Left > Right
            ? "NULL, NULL, NULL, NULL"
            : string.Create(CultureInfo.InvariantCulture, $"{Left:R}, {Top:R}, {Right:R}, {Bottom:R}");
    }

    /// <summary>A prepared statement of the native library.</summary>
    private sealed class Statement : IDisposable
    {
        private readonly sqlite3 _connection;
        private readonly sqlite3_stmt _statement;

        public Statement(SqliteConnection connection, string sql)
        {
            _connection = connection.Handle!;
            Check(raw.sqlite3_prepare_v2(_connection, sql, out _statement));
        }

        public void Bind(int index, long value) => Check(raw.sqlite3_bind_int64(_statement, index, value));

        public void Bind(int index, double value) => Check(raw.sqlite3_bind_double(_statement, index, value));

        public void Bind(int index, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, index, value));

        public void Bind(int index, string value) => Check(raw.sqlite3_bind_text(_statement, index, value));

        public void Step()
        {
            Check(raw.sqlite3_step(_statement));
            Check(raw.sqlite3_reset(_statement));
        }

        public void Dispose() => _statement.Dispose();

        private void Check(int code)
        {
            if (code is raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW)
                return;
            throw new SqliteException(raw.sqlite3_errmsg(_connection).utf8_to_string(), code);
        }
    }
}
