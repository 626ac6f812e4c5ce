using System.Collections.Concurrent;

namespace Microtome.Pathology;

/// <summary>Hands blocks to another thread, so that formatting and compressing share two cores. At most a few blocks wait.</summary>
internal sealed class WriteBehindStream : Stream
{
    private const int BlockSize = 1 << 18;
    private const int Waiting = 4;

    private readonly BlockingCollection<(byte[] Block, int Length)> _full = new(Waiting);
    private readonly ConcurrentBag<byte[]> _empty = [];
    private readonly Task _writer;
    private byte[] _block = new byte[BlockSize];
    private int _length;

    public WriteBehindStream(Stream target)
    {
        _writer = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    foreach (var (block, length) in _full.GetConsumingEnumerable())
                    {
                        target.Write(block, 0, length);
                        _empty.Add(block);
                    }
                }
                catch
                {
                    // Whoever adds the next block must not wait for ever.
                    _full.CompleteAdding();
                    while (_full.TryTake(out _))
                    {
                    }

                    throw;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Waits until everything is written; throws what the writing threw.</summary>
    public void Complete()
    {
        Pass();
        _full.CompleteAdding();
        _writer.GetAwaiter().GetResult();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var part = Math.Min(buffer.Length, _block.Length - _length);
            buffer[..part].CopyTo(_block.AsSpan(_length));
            _length += part;
            buffer = buffer[part..];
            if (_length == _block.Length)
                Pass();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Blocks go when they are full or when all is done.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (!_full.IsAddingCompleted)
                _full.CompleteAdding();
            try
            {
                _writer.Wait();
            }
            catch (AggregateException) when (_writer.IsFaulted)
            {
                // Complete has thrown it, or something else failed first.
            }

            _full.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Pass()
    {
        if (_length == 0)
            return;
        try
        {
            _full.Add((_block, _length));
        }
        catch (InvalidOperationException) when (_full.IsAddingCompleted)
        {
            // The writer failed: say why.
            _writer.GetAwaiter().GetResult();
            throw;
        }

        _block = _empty.TryTake(out var used) ? used : new byte[BlockSize];
        _length = 0;
    }
}
