import static asyncio.Asyncio.*;

import asyncio.Body;
import asyncio.Coroutine;
import asyncio.Task;
import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.core.IExecutorService;
import com.hazelcast.core.MemberLeftException;
import com.hazelcast.spi.exception.TargetNotMemberException;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

// Squares numbers on a Hazelcast cluster. One member hangs and is terminated; the work that was on
// it fails, and is done again by one that lives. Needs Hazelcast:
// ./asyncio run -cp hazelcast.jar examples/ClusterSquares.java

int count = 60; // of numbers
int lost = 0; // how often work was lost; touched by the loop only

/// What is sent. A member with the attribute "hangs" never finishes it.
static final class Square
        implements Body<Integer>, Callable<Integer>, HazelcastInstanceAware, Serializable {
    private static final long serialVersionUID = 1L;

    private final int number;
    private transient HazelcastInstance here; // where it runs

    Square(int number) {
        this.number = number;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance instance) {
        here = instance;
    }

    @Override
    public Integer run() throws InterruptedException {
        if (hangs(here.getCluster().getLocalMember())) {
            // Terminated inside a JVM that lives on, it fails to send an answer: no news.
            Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {});
            new CountDownLatch(1).await();
        }
        return number * number;
    }

    @Override
    public Integer call() throws InterruptedException {
        return run();
    }
}

static boolean hangs(Member member) {
    return member.getAttribute("hangs") != null;
}

/// The cluster's executor with one member chosen. Without a choice, Hazelcast chooses, and starts lost
/// work again by itself.
static final class OnMember extends AbstractExecutorService {
    private final IExecutorService cluster;
    private final Member member;

    OnMember(IExecutorService cluster, Member member) {
        this.cluster = cluster;
        this.member = member;
    }

    @Override
    public <T> Future<T> submit(Callable<T> work) {
        return cluster.submitToMember(work, member);
    }

    @Override
    public void execute(Runnable work) {
        cluster.executeOnMember(work, member);
    }

    @Override
    public void shutdown() {
        cluster.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return cluster.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return cluster.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return cluster.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return cluster.awaitTermination(timeout, unit);
    }
}

// region squared
Coroutine<Integer> squared(HazelcastInstance cluster, Member first, int number) {
    return async(() -> {
        IExecutorService all = cluster.getExecutorService("squares");
        Member member = first;
        while (true) {
            try {
                OnMember executor = new OnMember(all, member);
                return await(
                        getRunningLoop().runInExecutor(executor, new Square(number)),
                        MemberLeftException.class);
            } catch (MemberLeftException | TargetNotMemberException e) {
                lost++;
                member = cluster.getCluster().getLocalMember(); // which lives
            }
        }
    });
}

// endregion

Coroutine<Void> sumOfSquares(List<HazelcastInstance> instances) {
    return async(() -> {
        HazelcastInstance cluster = instances.getFirst();
        List<Member> members = List.copyOf(cluster.getCluster().getMembers());
        List<Task<Integer>> all = new ArrayList<>();
        List<Task<Integer>> finishing = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            Member member = members.get(number % members.size());
            Task<Integer> task = createTask(squared(cluster, member, number));
            all.add(task);
            if (!hangs(member)) {
                finishing.add(task);
            }
        }
        int sum = await(gather(finishing)).stream().mapToInt(square -> square).sum();
        IO.println(finishing.size() + " of " + all.size() + " squares: " + sum);

        await(toThread(() -> instances.getLast().getLifecycleService().terminate()));
        sum = await(gather(all)).stream().mapToInt(square -> square).sum();
        IO.println("work that was lost and done again: " + lost);
        IO.println(all.size() + " squares: " + sum);
    });
}

// Members in this JVM that talk over the loopback interface only.
HazelcastInstance startMember(int firstPort, boolean hangs) {
    Config config = new Config();
    config.setClusterName("squares-" + firstPort);
    config.setClassLoader(Square.class.getClassLoader());
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.setProperty("hazelcast.socket.bind.any", "false");
    config.setProperty("hazelcast.local.localAddress", "127.0.0.1");
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    config.getMetricsConfig().setEnabled(false);
    if (hangs) {
        config.getMemberAttributeConfig().setAttribute("hangs", "yes");
    }
    NetworkConfig network = config.getNetworkConfig().setPort(firstPort);
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    network.getJoin().getAutoDetectionConfig().setEnabled(false);
    network.getJoin().getMulticastConfig().setEnabled(false);
    network.getJoin().getTcpIpConfig().setEnabled(true).addMember("127.0.0.1:" + firstPort);
    return Hazelcast.newHazelcastInstance(config);
}

int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
    }
}

Coroutine<Void> program() {
    return async(() -> {
        List<HazelcastInstance> members = new ArrayList<>();
        try {
            int port = freePort();
            for (int i = 1; i <= 3; i++) {
                boolean hangs = i == 3;
                members.add(await(toThread(() -> startMember(port, hangs))));
            }
            IO.println("members: " + members.getFirst().getCluster().getMembers().size());
            await(sumOfSquares(members));
        } finally {
            await(toThread(() -> members.forEach(each -> each.getLifecycleService().terminate())));
        }
    });
}

void main() {
    run(program());
}
