using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>Renews a lease while its holder works, and tells the holder to stop when it is lost.</summary>
internal sealed class LeaseKeeper : IDisposable
{
    private readonly WorkLedger ledger;
    private readonly Lease lease;
    private readonly CancellationTokenSource lost = new();
    private readonly ManualResetEventSlim end = new();
    private readonly Thread thread;

    public LeaseKeeper(WorkLedger ledger, Lease lease)
    {
        this.ledger = ledger;
        this.lease = lease;
        thread = new Thread(Renew) { IsBackground = true, Name = "lease" };
        thread.Start();
    }

    /// <summary>Falls when the item was given to another worker.</summary>
    public CancellationToken Lost => lost.Token;

    public void Dispose()
    {
        end.Set();
        thread.Join();
        end.Dispose();
        lost.Dispose();
    }

    private void Renew()
    {
        // Three chances within the time of a lease.
        while (!end.Wait(ledger.LeaseTime / 3))
        {
            try
            {
                ledger.Renew(lease);
                ledger.Sweep();
            }
            catch (LeaseLostException)
            {
                lost.Cancel();
                return;
            }
            catch (LedgerException e)
            {
                // The work goes on: whether it still counts is decided when it is done.
                ledger.Say?.Invoke(e.Message);
            }
        }
    }
}
