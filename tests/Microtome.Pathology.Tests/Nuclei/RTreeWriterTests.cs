using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Microtome.Pathology.Tests;

public sealed class RTreeWriterTests : IDisposable
{
    private readonly SqliteConnection connection = new("Data Source=:memory:");

    public RTreeWriterTests()
    {
        SqliteStart.Prepare();
        connection.Open();
        Execute("CREATE VIRTUAL TABLE tree USING rtree(id, minx, maxx, miny, maxy); DELETE FROM tree_node");
    }

    public void Dispose() => connection.Dispose();

    // Around a full node, a full group, and with one, two and three levels.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(51)]
    [InlineData(52)]
    [InlineData(2601)]
    [InlineData(2602)]
    [InlineData(13056)]
    [InlineData(13057)]
    [InlineData(140000)]
    public void Tree_IsSound_AnswersAsBruteForce_AndTakesChanges(int count)
    {
        var random = new Random(count);
        var boxes = Enumerable.Range(0, count).Select(_ =>
        {
            double x = random.NextDouble() * 100_000, y = random.NextDouble() * 100_000;
            return (Left: x, Right: x + (random.NextDouble() * 40), Top: y, Bottom: y + (random.NextDouble() * 40));
        }).ToList();
        Execute("BEGIN");
        var writer = new RTreeWriter(
            (number, data) => Execute("INSERT INTO tree_node VALUES(@a, @b)", number, data),
            (number, parent) => Execute("INSERT INTO tree_parent VALUES(@a, @b)", number, parent),
            (id, leaf) => Execute("INSERT INTO tree_rowid VALUES(@a, @b)", id, leaf));
        for (int i = 0; i < count; i++)
            writer.Add(i + 1, boxes[i].Left, boxes[i].Right, boxes[i].Top, boxes[i].Bottom);
        writer.Complete();
        Execute("COMMIT");
        Assert.Equal("ok", Scalar("SELECT rtreecheck('tree')"));
        Assert.Equal((long)count, Scalar("SELECT count(*) FROM tree"));
        for (int query = 0; query < 20; query++)
        {
            double x = random.NextDouble() * 100_000, y = random.NextDouble() * 100_000, side = random.NextDouble() * 20_000;
            string where = string.Create(CultureInfo.InvariantCulture, $"minx <= {x + side:R} AND maxx >= {x:R} AND miny <= {y + side:R} AND maxy >= {y:R}");
            var found = Ids($"SELECT id FROM tree WHERE {where} ORDER BY id");
            var inside = boxes.Select((b, i) => (b, Id: (long)i + 1)).Where(t => t.b.Left <= x + side && t.b.Right >= x && t.b.Top <= y + side && t.b.Bottom >= y).Select(t => t.Id).ToList();

            // Boxes are rounded outwards to 32 bits: none is missed, and what comes too much touches within a hundredth of a pixel.
            Assert.Empty(inside.Except(found));
            Assert.All(found.Except(inside), id => Assert.True(boxes[(int)id - 1] is var b && b.Left <= x + side + 0.02 && b.Right >= x - 0.02 && b.Top <= y + side + 0.02 && b.Bottom >= y - 0.02));
        }

        Execute($"INSERT INTO tree VALUES({count + 1}, 5, 6, 5, 6)");
        for (int i = 1; i <= Math.Min(count, 300); i++)
            Execute($"DELETE FROM tree WHERE id = {i}");
        Assert.Equal("ok", Scalar("SELECT rtreecheck('tree')"));
        Assert.Equal((long)count + 1 - Math.Min(count, 300), Scalar("SELECT count(*) FROM tree"));
    }

    private void Execute(string sql, long? a = null, object? b = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (a is not null)
        {
            command.Parameters.AddWithValue("@a", a);
            command.Parameters.AddWithValue("@b", b);
        }

        command.ExecuteNonQuery();
    }

    private object? Scalar(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private List<long> Ids(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var ids = new List<long>();
        while (reader.Read())
            ids.Add(reader.GetInt64(0));
        return ids;
    }
}
