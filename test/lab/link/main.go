// lablink joins two network interfaces like a cable with properties: what one receives, the other sends, later, slower or not at all.
//
//	lablink <settings.json> <member interface> <switch interface>
//
// SIGHUP makes it read the settings again. After each reading it writes a line of JSON with its counters to standard output.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// Names that package syscall does not have; values of linux/if_packet.h and asm-generic/socket.h.
const (
	solPacket            = 263
	packetVnetHdr        = 15
	packetIgnoreOutgoing = 23
	soRcvbufforce        = 33
)

// The kernel puts 10 bytes in front of each frame that say which checksum and segmentation work is still to be done, and takes them
// back with the frame, so nobody has to switch that work off on the interfaces.
const (
	vnetHeader = 10
	ethHeader  = 14
	maxFrame   = vnetHeader + ethHeader + 1<<16
	queueSlots = 1 << 15
)

// way is what happens to frames of one direction. Zero values mean a perfect cable.
type way struct {
	DelayMs  float64 `json:"delayMs"`
	JitterMs float64 `json:"jitterMs"`
	LossPct  float64 `json:"lossPct"`
	// RateKbit is the capacity in kbit/s; what would wait for it longer than QueueMs is dropped.
	RateKbit float64 `json:"rateKbit"`
	QueueMs  float64 `json:"queueMs"`
	// Port limits all of it to TCP segments from or to that port; other frames pass at once.
	Port uint16 `json:"port"`
}

type settings struct {
	// FromMember is what the member sends, ToMember what it receives.
	FromMember way `json:"fromMember"`
	ToMember   way `json:"toMember"`
}

type counters struct {
	Frames  atomic.Uint64
	Bytes   atomic.Uint64
	Treated atomic.Uint64
	Lost    atomic.Uint64
	// Overflow counts frames for which the queue was too long.
	Overflow atomic.Uint64
	Failed   atomic.Uint64
}

func (c *counters) report() map[string]uint64 {
	return map[string]uint64{
		"frames": c.Frames.Load(), "bytes": c.Bytes.Load(), "treated": c.Treated.Load(),
		"lost": c.Lost.Load(), "overflow": c.Overflow.Load(), "failed": c.Failed.Load(),
	}
}

type waiting struct {
	due   time.Time
	frame []byte
}

type direction struct {
	way     atomic.Pointer[way]
	source  int
	sink    int
	queue   chan waiting
	queued  atomic.Int64
	counted counters
}

func newDirection(source, sink int) *direction {
	return &direction{source: source, sink: sink, queue: make(chan waiting, queueSlots)}
}

func (d *direction) send(frame []byte) {
	for {
		_, err := syscall.Write(d.sink, frame)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			d.counted.Failed.Add(1)
		}
		return
	}
}

// read takes frames from the source until the interface is gone, and decides what becomes of each.
func (d *direction) read() error {
	buffer := make([]byte, maxFrame)
	var wireFree, last time.Time
	for {
		n, err := syscall.Read(d.source, buffer)
		if err == syscall.EINTR || err == syscall.ENOBUFS {
			continue
		}
		if err == syscall.ENETDOWN {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if err != nil {
			return err
		}
		if n <= vnetHeader+ethHeader {
			continue
		}
		frame := buffer[:n]
		size := n - vnetHeader
		d.counted.Frames.Add(1)
		d.counted.Bytes.Add(uint64(size))
		w := d.way.Load()
		if w.Port != 0 && !hasPort(frame[vnetHeader:], w.Port) {
			d.send(frame)
			continue
		}
		d.counted.Treated.Add(1)
		if w.LossPct > 0 && rand.Float64()*100 < w.LossPct {
			d.counted.Lost.Add(1)
			continue
		}
		now := time.Now()
		due := now
		if w.RateKbit > 0 {
			if wireFree.Before(now) {
				wireFree = now
			}
			if wireFree.Sub(now) > milliseconds(w.QueueMs) {
				d.counted.Overflow.Add(1)
				continue
			}
			wireFree = wireFree.Add(milliseconds(float64(size) * 8 / w.RateKbit))
			due = wireFree
		}
		if late := w.DelayMs + (rand.Float64()*2-1)*w.JitterMs; late > 0 {
			due = due.Add(milliseconds(late))
		}
		// A cable keeps the order, whatever the dice say.
		if due.Before(last) {
			due = last
		}
		last = due
		if !due.After(now) && d.queued.Load() == 0 {
			d.send(frame)
			continue
		}
		d.queued.Add(1)
		select {
		case d.queue <- waiting{due, append([]byte(nil), frame...)}:
		default:
			d.queued.Add(-1)
			d.counted.Overflow.Add(1)
		}
	}
}

func (d *direction) write() {
	for next := range d.queue {
		if wait := time.Until(next.due); wait > 0 {
			time.Sleep(wait)
		}
		d.send(next.frame)
		d.queued.Add(-1)
	}
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// hasPort tells whether an Ethernet frame is a TCP segment from or to that port. IPv6 extension headers are not followed.
func hasPort(frame []byte, port uint16) bool {
	if len(frame) < ethHeader+20 {
		return false
	}
	packet := frame[ethHeader:]
	var segment []byte
	switch binary.BigEndian.Uint16(frame[12:14]) {
	case 0x0800:
		length := int(packet[0]&0x0f) * 4
		firstPart := binary.BigEndian.Uint16(packet[6:8])&0x1fff == 0
		if packet[9] != syscall.IPPROTO_TCP || !firstPart || len(packet) < length+4 {
			return false
		}
		segment = packet[length:]
	case 0x86dd:
		if len(packet) < 44 || packet[6] != syscall.IPPROTO_TCP {
			return false
		}
		segment = packet[40:]
	default:
		return false
	}
	return binary.BigEndian.Uint16(segment[0:2]) == port || binary.BigEndian.Uint16(segment[2:4]) == port
}

func open(name string) (int, error) {
	device, err := net.InterfaceByName(name)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	all := uint16(syscall.ETH_P_ALL)
	all = all<<8 | all>>8
	// Bound to no protocol first: nothing of other interfaces may arrive before it is bound to its own.
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("packet socket: %w", err)
	}
	_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, soRcvbufforce, 8<<20)
	if err := syscall.SetsockoptInt(fd, solPacket, packetVnetHdr, 1); err != nil {
		return 0, fmt.Errorf("PACKET_VNET_HDR: %w", err)
	}
	// Without it each side would read what it has sent, and forward it for ever.
	if err := syscall.SetsockoptInt(fd, solPacket, packetIgnoreOutgoing, 1); err != nil {
		return 0, fmt.Errorf("PACKET_IGNORE_OUTGOING: %w", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrLinklayer{Protocol: all, Ifindex: device.Index}); err != nil {
		return 0, fmt.Errorf("bind to %s: %w", name, err)
	}
	return fd, nil
}

func load(path string) (settings, error) {
	var s settings
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}

func run() error {
	if len(os.Args) != 4 {
		return fmt.Errorf("usage: lablink <settings.json> <member interface> <switch interface>")
	}
	path := os.Args[1]
	member, err := open(os.Args[2])
	if err != nil {
		return err
	}
	other, err := open(os.Args[3])
	if err != nil {
		return err
	}
	fromMember, toMember := newDirection(member, other), newDirection(other, member)
	hangup := make(chan os.Signal, 8)
	signal.Notify(hangup, syscall.SIGHUP)
	readings := 0
	apply := func() error {
		s, err := load(path)
		if err != nil {
			return err
		}
		fromMember.way.Store(&s.FromMember)
		toMember.way.Store(&s.ToMember)
		readings++
		return json.NewEncoder(os.Stdout).Encode(map[string]any{
			"readings": readings, "fromMember": fromMember.counted.report(), "toMember": toMember.counted.report(),
		})
	}
	if err := apply(); err != nil {
		return err
	}
	failed := make(chan error, 2)
	for _, d := range []*direction{fromMember, toMember} {
		go d.write()
		go func(d *direction) { failed <- d.read() }(d)
	}
	for {
		select {
		case <-hangup:
			if err := apply(); err != nil {
				return err
			}
		case err := <-failed:
			return err
		}
	}
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "lablink:", err)
		os.Exit(1)
	}
}
