/*
 * A load generator for echo servers on 127.0.0.1: one thread on epoll.
 *
 *   load PORT echo  CONNECTIONS BYTES WARM_SECONDS SECONDS   each connection sends BYTES, waits for them, repeats
 *   load PORT churn CONNECTIONS BYTES WARM_SECONDS SECONDS   the same, with a new connection for each exchange
 *   load PORT idle  CONNECTIONS BYTES                        one exchange each, then silence until standard input ends
 *
 * Prints exchanges per second and the latency's percentiles in microseconds: "rate p50 p99 p99.9"; with idle, "ready".
 * Connections of churn end with a reset, so that no port stays in TIME_WAIT.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SAMPLES = 40 * 1000 * 1000, MAX_EVENTS = 1024, BUFFER = 1 << 18, PORTS_PER_SOURCE = 20000 };

typedef struct {
  int fd;
  int sent;     /* of this exchange */
  int received; /* of this exchange */
  double begun; /* seconds */
} Connection;

static int port, count, size, churn, epoll_fd;
static char *message, *buffer;
static float *latencies; /* microseconds */
static long samples, exchanges;
static int measuring;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* One address has some 28 000 ports to connect from; further connections come from 127.0.0.2 and so on. */
static void bind_source(int fd, int index) {
  struct sockaddr_in source = {.sin_family = AF_INET};
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index / PORTS_PER_SOURCE);
  int one = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind");
}

static void open_connection(Connection *c, int index) {
  struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(port)};
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int attempt = 0;; attempt++) {
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0) fail("socket");
    if (index >= PORTS_PER_SOURCE) bind_source(c->fd, index);
    if (connect(c->fd, (struct sockaddr *)&target, sizeof target) == 0) break;
    if (attempt >= 200) fail("connect");
    close(c->fd);
    usleep(50000); /* the server may still be starting */
  }
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN | EPOLLET | (size > 65536 ? EPOLLOUT : 0), .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) fail("epoll_ctl");
}

static void push(Connection *c) {
  while (c->sent < size) {
    ssize_t n = send(c->fd, message + c->sent, size - c->sent, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN) return;
      fail("send");
    }
    c->sent += n;
  }
}

static void begin(Connection *c) {
  c->begun = now();
  c->sent = c->received = 0;
  push(c);
}

static void finish(Connection *c) {
  exchanges++;
  if (measuring && samples < MAX_SAMPLES) latencies[samples++] = (now() - c->begun) * 1e6;
  if (churn) {
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(c->fd);
    open_connection(c, 0);
  }
  begin(c);
}

static void pull(Connection *c, int repeat) {
  for (;;) {
    ssize_t n = recv(c->fd, buffer, BUFFER, 0);
    if (n == 0) {
      fprintf(stderr, "load: the server closed a connection\n");
      exit(1);
    }
    if (n < 0) {
      if (errno == EAGAIN) return;
      fail("recv");
    }
    c->received += n;
    if (c->received >= size) {
      if (repeat) finish(c);
      return; /* a closed loop: nothing more can have come */
    }
  }
}

static int serve_events(int repeat) {
  struct epoll_event events[MAX_EVENTS];
  int ready = epoll_wait(epoll_fd, events, MAX_EVENTS, 100);
  for (int i = 0; i < ready; i++) {
    Connection *c = events[i].data.ptr;
    if (c->sent < size) push(c);
    pull(c, repeat);
  }
  return ready;
}

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

static void measure(double warm, double seconds) {
  latencies = malloc(sizeof(float) * MAX_SAMPLES);
  double end = now() + warm;
  while (now() < end) serve_events(1);
  measuring = 1;
  long before = exchanges;
  double start = now();
  end = start + seconds;
  while (now() < end) serve_events(1);
  double rate = (exchanges - before) / (now() - start);
  if (samples == 0) {
    fprintf(stderr, "load: no exchange was finished\n");
    exit(1);
  }
  qsort(latencies, samples, sizeof(float), ascending);
  printf("%.0f %.0f %.0f %.0f\n", rate, latencies[samples / 2], latencies[(long)(samples * .99)],
         latencies[(long)(samples * .999)]);
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: load PORT echo|churn|idle CONNECTIONS BYTES [WARM_SECONDS SECONDS]\n");
    return 2;
  }
  port = atoi(argv[1]);
  churn = strcmp(argv[2], "churn") == 0;
  int idle = strcmp(argv[2], "idle") == 0;
  count = atoi(argv[3]);
  size = atoi(argv[4]);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  message = calloc(1, size);
  buffer = malloc(BUFFER);
  epoll_fd = epoll_create1(0);
  Connection *connections = calloc(count, sizeof(Connection));
  for (int i = 0; i < count; i++) open_connection(&connections[i], i);
  for (int i = 0; i < count; i++) begin(&connections[i]);
  if (!idle) {
    measure(atof(argv[5]), atof(argv[6]));
    return 0;
  }
  for (int i = 0; i < count; i++) {
    while (connections[i].received < size) serve_events(0);
  }
  printf("ready\n");
  fflush(stdout);
  while (read(0, buffer, BUFFER) > 0) {
  }
  return 0;
}
