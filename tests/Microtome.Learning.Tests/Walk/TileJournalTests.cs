namespace Microtome.Learning.Tests;

public sealed class TileJournalTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("journal").FullName;

    private string File => Path.Combine(folder, "tiles.journal");

    public void Dispose() => Directory.Delete(folder, true);

    private static byte[] Payload(int index) => [.. Enumerable.Range(0, (index * 37) % 200).Select(i => (byte)(i + index))];

    private void Write(int count)
    {
        using var journal = TileJournal.Open(File, "key");
        while (journal.Count < count)
            journal.Append(Payload(journal.Count));
    }

    [Fact]
    public void Open_CutAtAnyByte_KeepsExactlyTheWholeRecords()
    {
        Write(6);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        var ends = new List<int> { 40 };
        for (int i = 0; i < 6; i++)
            ends.Add(ends[^1] + 8 + Payload(i).Length + 16);
        for (int length = 0; length <= whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            using (var journal = TileJournal.Open(File, "key"))
            {
                Assert.Equal(Math.Max(0, ends.FindLastIndex(e => e <= length)), journal.Count);
                Assert.Equal(Enumerable.Range(0, journal.Count).Select(Payload), journal.Read());
            }

            Write(6);
            Assert.Equal(whole, System.IO.File.ReadAllBytes(File));
        }
    }

    [Fact]
    public void Open_AnyByteFlipped_KeepsOnlyWhatPrecedes()
    {
        Write(4);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        int[] ends = [40, 64, 125, 223, 358];
        Assert.Equal(whole.Length, ends[^1]);
        for (int at = 40; at < whole.Length; at++)
        {
            byte[] broken = [.. whole];
            broken[at] ^= 0x10;
            System.IO.File.WriteAllBytes(File, broken);
            using var journal = TileJournal.Open(File, "key");
            Assert.Equal(Array.FindLastIndex(ends, e => e <= at), journal.Count);
        }
    }

    [Fact]
    public void Open_AnotherKey_BeginsAnew()
    {
        Write(3);
        using (var journal = TileJournal.Open(File, "other"))
            Assert.Equal(0, journal.Count);
        using (var journal = TileJournal.Open(File, "key"))
            Assert.Equal(0, journal.Count);
    }
}
